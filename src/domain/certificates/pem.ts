/** A block of PEM (RFC 7468): what stands between two lines of one label. Text around the blocks means nothing. */
export interface PemBlock {
  readonly label: string;
  /** With both lines, as it was. */
  readonly text: string;
}

const BLOCK = /-----BEGIN (?<label>[A-Z0-9 ]{1,64})-----[^-]*-----END \k<label>-----/g;

export const pemBlocks = (text: string): readonly PemBlock[] =>
  [...text.matchAll(BLOCK)].map(({ 0: block, groups }) => ({ label: groups?.['label'] ?? '', text: block }));

export const isPem = (text: string): boolean => text.includes('-----BEGIN ');
