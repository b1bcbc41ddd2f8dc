/** What a measure should be; a wish to compare with, never a condition of a test. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. */
export interface Measure {
  readonly scenario: string;
  readonly name: string;
  readonly value: number;
  /** Shown behind the value, e.g. `s`, `MiB`, `per s`; empty for counts. */
  readonly unit: string;
  readonly target?: Target;
}

export type Verdict = 'met' | 'missed' | '';

/** Whether the value is as it should be; empty without a target. */
export function verdictOf({ value, target }: Measure): Verdict {
  if (target === undefined) return '';
  const met = 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
  return met ? 'met' : 'missed';
}

/** `≤ 7`, `≥ 0.5`, or nothing. */
export function targetText(target: Target | undefined): string {
  if (target === undefined) return '';
  return 'atMost' in target ? `≤ ${figure(target.atMost)}` : `≥ ${figure(target.atLeast)}`;
}

/** Three significant digits, no exponent; whole numbers from 100 on, with separators. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
