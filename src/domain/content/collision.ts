/** Different store keys of one selector, or secrets of one vault, that became the same final key. */
export interface Collision {
  readonly key: string;
  /** In ordinal order. */
  readonly storeKeys: readonly string[];
  /** The one whose value is taken. */
  readonly used: string;
  /** The vault; absent: settings of a store. */
  readonly in?: string;
}
