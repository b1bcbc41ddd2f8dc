/** How settings are written: flags over environment over fallbacks, all as text. */

export interface SettingSpec {
  readonly flag: string;
  /** `BOOL` may be left out. */
  readonly placeholder: string;
  readonly fallback: string;
  readonly help: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ENV_PREFIX = 'APPCONFIG_OPERATOR_';
/** `drift-interval` → `APPCONFIG_OPERATOR_DRIFT_INTERVAL`. */
export const envName = (flag: string): string => ENV_PREFIX + flag.toUpperCase().replaceAll('-', '_');

/** All values as text, and every unknown or incomplete argument as an error. */
export function collect(
  specs: readonly SettingSpec[],
  argv: readonly string[],
  env: Environment,
  /** In place of the usual ones with `--local-identity`. */
  localFallbacks: Readonly<Record<string, string>>,
): { readonly texts: ReadonlyMap<string, string>; readonly errors: string[] } {
  const { given, errors } = fromArguments(specs, argv);
  const textOf = (flag: string) => given.get(flag) ?? env[envName(flag)];
  const isLocal = textOf('local-identity')?.trim() === 'true';
  const texts = specs.map(({ flag, fallback }) => {
    const usual = isLocal ? (localFallbacks[flag] ?? fallback) : fallback;
    return [flag, textOf(flag) ?? usual] as const;
  });
  return { texts: new Map(texts), errors };
}

function fromArguments(specs: readonly SettingSpec[], argv: readonly string[]) {
  const given = new Map<string, string>();
  const errors: string[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, flag = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const spec = specs.find((one) => one.flag === flag);
    if (spec === undefined) {
      errors.push(`unknown argument ${JSON.stringify(argument)}; --help lists all`);
      continue;
    }
    const value = inline ?? (spec.placeholder === 'BOOL' ? truth(rest) : rest.shift());
    if (value === undefined) errors.push(`--${flag} needs a value`);
    else given.set(flag, value);
  }
  return { given, errors };
}

/** `--flag true`, `--flag false`, and `--flag` alone. */
const truth = (rest: string[]): string | undefined =>
  rest[0] === 'true' || rest[0] === 'false' ? rest.shift() : 'true';
