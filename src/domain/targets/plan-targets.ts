import { DEFAULTS } from '../../api/defaults.ts';
import type { BindingSpec } from '../../api/schema.ts';
import { isTreeFormat, type TreeFormat } from '../formats/flags-section.ts';
import type { Format } from '../formats/format.ts';
import type { KeyRules } from '../keys.ts';

/** What the part of the spec about targets and keys means, with every default applied. */

export interface PlannedKeys extends KeyRules {
  readonly invalid: 'Fail' | 'Skip';
}

export interface PlannedTargets {
  readonly configMap?: { readonly name: string; readonly format: Format };
  readonly secret?: PlannedSecret;
}

/** What all targets of a binding have in common. */
export interface TargetTerms {
  /** As the spec asks for, besides ours. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly creationPolicy: 'Owner' | 'Merge';
  readonly deletionPolicy: 'Delete' | 'Retain';
}

export interface PlannedSecret {
  readonly name: string;
  readonly format: Format;
  /** All: plain values, too. */
  readonly include: 'References' | 'All';
  readonly type: string;
}

export const planKeys = ({ keys = {} }: BindingSpec): PlannedKeys => ({
  trimPrefixes: keys.trimPrefixes ?? [],
  replace: keys.replace ?? [],
  invalid: keys.invalid ?? DEFAULTS.invalidKeys,
});

export const planTargets = ({ target: { configMap, secret } }: BindingSpec): PlannedTargets => ({
  ...(configMap === undefined ? {} : { configMap: { name: configMap.name, format: formatOf(configMap) } }),
  ...(secret === undefined ? {} : { secret: plannedSecret(secret) }),
});

export const planTerms = ({ target }: BindingSpec): TargetTerms => ({
  labels: target.labels ?? {},
  annotations: target.annotations ?? {},
  creationPolicy: target.creationPolicy ?? DEFAULTS.creationPolicy,
  deletionPolicy: target.deletionPolicy ?? DEFAULTS.deletionPolicy,
});

type Spec = BindingSpec['target'];

const plannedSecret = (secret: NonNullable<Spec['secret']>): PlannedSecret => ({
  name: secret.name,
  format: formatOf(secret),
  include: secret.include ?? DEFAULTS.include,
  type: secret.type ?? DEFAULTS.secretType,
});

type Layout = Pick<NonNullable<Spec['configMap']>, 'format' | 'file' | 'separator'>;

function formatOf({ format: kind = DEFAULTS.format, file, separator }: Layout): Format {
  switch (kind) {
    case 'KeyValue':
      return { kind };
    case 'Json':
    case 'Yaml': {
      const named = { kind, file: file ?? DEFAULTS.files[kind] };
      return separator === undefined ? named : { ...named, separator };
    }
    case 'Properties':
    case 'DotEnv':
      return { kind, file: file ?? DEFAULTS.files[kind] };
  }
}

/** The format of a Secret that holds plain values. */
export const plainFormat = (secret: PlannedSecret | undefined): Format | undefined =>
  secret?.include === 'All' ? secret.format : undefined;

/** Whether feature flags go into a target whose plain values, if it holds any, are in `format`. */
export const carriesFlags = (
  { flagSources }: { readonly flagSources: readonly unknown[] },
  format: Format | undefined,
): format is TreeFormat => flagSources.length > 0 && isTreeFormat(format);

/** A target that a value goes to. */
interface Destination {
  /** For messages, such as `Secret orders-secrets`. */
  readonly target: string;
  readonly format: Format;
}

/** Where plain values go, and where values of references go. */
export function destinations({ configMap, secret }: PlannedTargets): {
  readonly plain: readonly Destination[];
  readonly reference: readonly Destination[];
} {
  const toSecret = secret === undefined ? [] : [{ target: `Secret ${secret.name}`, format: secret.format }];
  const toConfigMap =
    configMap === undefined ? [] : [{ target: `ConfigMap ${configMap.name}`, format: configMap.format }];
  return {
    plain: secret?.include === 'All' ? [...toConfigMap, ...toSecret] : toConfigMap,
    reference: toSecret,
  };
}
