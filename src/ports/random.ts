/** A source of jitter; never used for keys or tokens. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}
