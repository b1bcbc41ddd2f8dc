import * as z from 'zod';
import { BOUNDS } from './defaults.ts';
import { matches } from './fields.ts';
import { GROUP, LABEL_MANAGED_BY } from './names.ts';
import { annotate, type Rule, ruled } from './rules.ts';

/** Labels and annotations that a spec may put on targets: names and values as the API server takes them. */

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const QUALIFIED = `^(${SUBDOMAIN}/)?${NAME}$`;
const LABEL_VALUE = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';
const OWN = `^([^/]*[.])?${GROUP.replace('.', '[.]')}/`;
/** With these the control plane, and the kubelet, tell whose a token is. */
const SERVICE_ACCOUNT = 'kubernetes.io/service-account.';

type Names = Readonly<Record<string, string>>;

const qualified = new RegExp(QUALIFIED);
const own = new RegExp(OWN);

const isQualified = (name: string): boolean => {
  const slash = name.indexOf('/');
  return slash <= BOUNDS.objectName && qualified.test(name);
};

const named: Rule<Names> = {
  cel: `self.all(name, name.matches(r'${QUALIFIED}') && name.indexOf('/') <= ${BOUNDS.objectName})`,
  message:
    'names must be those of labels and annotations: letters, digits, "-", "_" and ".", at most 63 of them, after an optional prefix such as example.com/',
  holds: (map) => Object.keys(map).every(isQualified),
};

const notOurs: Rule<Names> = {
  cel: `!self.exists(name, name.matches(r'${OWN}') || name == '${LABEL_MANAGED_BY}')`,
  message: `names below ${GROUP} and ${LABEL_MANAGED_BY} are the operator's own; choose another name`,
  holds: (map) => !Object.keys(map).some((name) => own.test(name) || name === LABEL_MANAGED_BY),
};

const noServiceAccount: Rule<Names> = {
  cel: `!self.exists(name, name.startsWith('${SERVICE_ACCOUNT}'))`,
  message: `annotations below ${SERVICE_ACCOUNT}* would make a Secret a token of a ServiceAccount; choose another name`,
  holds: (map) => !Object.keys(map).some((name) => name.startsWith(SERVICE_ACCOUNT)),
};

/** A map whose values obey `rules` and whose names obey `names`. */
function metadataMap(description: string, value: z.ZodString, names: readonly Rule<Names>[]) {
  const counted = z
    .record(z.string(), value)
    .refine(
      (map) => Object.keys(map).length <= BOUNDS.targetMetadata,
      `may have at most ${BOUNDS.targetMetadata} entries`,
    );
  return ruled(counted, names, { description, fallback: 'none' }, { maxProperties: BOUNDS.targetMetadata });
}

const upTo = (max: number) =>
  z.string().refine((text) => [...text].length <= max, `may not be longer than ${max} characters`);

const labelValue = ruled(
  z.string(),
  [
    matches(
      LABEL_VALUE,
      'must be the value of a label: at most 63 letters, digits, "-", "_" and ".", starting and ending with a letter or digit, or nothing',
    ),
  ],
  { description: 'A value.' },
  { maxLength: 63 },
);

export const targetLabels = metadataMap(
  'Labels that all targets carry besides those of the operator. One that is taken out here is taken off the targets.',
  labelValue,
  [named, notOurs],
);

export const targetAnnotations = metadataMap(
  'Annotations that all targets carry besides those of the operator. One that is taken out here is taken off the targets.',
  upTo(BOUNDS.targetAnnotation).meta(
    annotate({ description: 'A value.' }, { maxLength: BOUNDS.targetAnnotation }),
  ),
  [named, notOurs, noServiceAccount],
);
