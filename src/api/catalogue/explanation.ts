/** What a reason tells a user, in Markdown. */
export interface Explanation {
  /** What is the case. */
  readonly meaning: string;
  /** How it comes about. */
  readonly cause: string;
  /** What to do; 'Nothing.' where all is well. */
  readonly remedy: string;
}

export const explain = (meaning: string, cause: string, remedy: string): Explanation => ({
  meaning,
  cause,
  remedy,
});
