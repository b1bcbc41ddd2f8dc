import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { choice, matches, objectName, printable, text } from './fields.ts';
import { type Rule, ruled } from './rules.ts';
import { targetAnnotations, targetLabels } from './target-metadata.ts';

/**
 * A key of a ConfigMap or Secret as the API server takes it: its characters, and neither `.` nor anything that
 * starts with `..`, since keys become file names.
 */
export const DATA_KEY_PATTERN = '^([-_a-zA-Z0-9]|[.][-_a-zA-Z0-9])[-._a-zA-Z0-9]*$';

const FORMATS = ['KeyValue', 'Json', 'Yaml', 'Properties', 'DotEnv'] as const;
type FormatName = (typeof FORMATS)[number];

const fileDefaults = Object.entries(DEFAULTS.files)
  .map(([format, file]) => `${file} (${format})`)
  .join(', ');

/** How a ConfigMap or Secret holds its values. */
const layout = {
  format: choice(
    {
      description:
        'KeyValue: one entry per key. The others: one file with all keys. Json and Yaml embed settings whose content type is JSON; Properties is what java.util.Properties reads; DotEnv is read by dotenv, and its keys must be names of environment variables.',
      fallback: DEFAULTS.format,
    },
    FORMATS,
  ).exactOptional(),
  file: text(
    {
      description: 'Not with format KeyValue: the key of the ConfigMap or Secret that holds the file.',
      fallback: fileDefaults,
    },
    BOUNDS.dataKey,
    matches(
      DATA_KEY_PATTERN,
      'must be a legal key of a ConfigMap or Secret: letters, digits, "-", "_" and ".", not "." and not starting with ".."',
    ),
  ).exactOptional(),
  separator: text(
    {
      description:
        'Only with format Json or Yaml: splits keys into a hierarchy, for example ":". Children named 0 to n-1 become an array.',
      fallback: 'none, the keys are written as they are',
    },
    BOUNDS.separator,
    printable,
  ).exactOptional(),
};

interface Layout {
  readonly format?: FormatName;
  readonly file?: string;
  readonly separator?: string;
}

const layoutRules: readonly Rule<Layout>[] = [
  {
    cel: "!has(self.file) || (has(self.format) && self.format != 'KeyValue')",
    message:
      'file needs a format of one file: set format to Json, Yaml, Properties or DotEnv, or remove file',
    holds: ({ file, format }) => file === undefined || (format !== undefined && format !== 'KeyValue'),
  },
  {
    cel: "!has(self.separator) || (has(self.format) && self.format in ['Json', 'Yaml'])",
    message: 'separator needs a format with a hierarchy: set format to Json or Yaml, or remove separator',
    holds: ({ separator, format }) => separator === undefined || format === 'Json' || format === 'Yaml',
  },
];

const configMap = ruled(
  z.object({
    name: objectName({
      description: 'Name of the ConfigMap. It is created; one that exists and is not ours is never touched.',
    }),
    ...layout,
  }),
  layoutRules,
  { description: 'A ConfigMap for the plain values.' },
);

/** Whoever may write one of these may become a ServiceAccount, or let a node join. */
const REFUSED_TYPES = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'] as const;

const secretType = text(
  {
    description:
      'The type of the Secret, such as kubernetes.io/tls; Kubernetes asks for certain keys with some types. It cannot be changed later: delete the Secret, and it is made anew.',
    fallback: DEFAULTS.secretType,
  },
  BOUNDS.secretType,
  printable,
  {
    cel: `!(self in [${REFUSED_TYPES.map((type) => `'${type}'`).join(', ')}])`,
    message: 'must not be a type that gives access to the cluster; choose another type, or remove it',
    holds: (value) => !REFUSED_TYPES.some((type) => type === value),
  },
);

const secret = ruled(
  z.object({
    name: objectName({
      description: 'Name of the Secret. It is created; one that exists and is not ours is never touched.',
    }),
    ...layout,
    include: choice(
      {
        description:
          'References: the values that Key Vault references link to. All: these and the plain values, for applications that read one file.',
        fallback: DEFAULTS.include,
      },
      ['References', 'All'],
    ).exactOptional(),
    type: secretType.exactOptional(),
  }),
  layoutRules,
  { description: 'A Secret for the values that Key Vault references link to.' },
);

export const target = ruled(
  z.object({
    configMap: configMap.exactOptional(),
    secret: secret.exactOptional(),
    labels: targetLabels.exactOptional(),
    annotations: targetAnnotations.exactOptional(),
    creationPolicy: choice(
      {
        description:
          'Owner: the targets are created, and are the binding\'s as a whole. Merge: they are objects of others that exist, and get the keys of the binding besides their own; each must carry the label merge.appconfig.dev/<name of the binding>: "true".',
        fallback: DEFAULTS.creationPolicy,
      },
      ['Owner', 'Merge'],
    ).exactOptional(),
    deletionPolicy: choice(
      {
        description:
          'What becomes of a target when the binding is deleted or names it no longer. Delete: it goes; of merged keys only when the spec names the object no longer. Retain: it stays as it is.',
        fallback: DEFAULTS.deletionPolicy,
      },
      ['Delete', 'Retain'],
    ).exactOptional(),
  }),
  [
    {
      cel: 'has(self.configMap) || has(self.secret)',
      message: 'set configMap, secret or both',
      holds: (value) => value.configMap !== undefined || value.secret !== undefined,
    },
    {
      cel: "!has(self.creationPolicy) || self.creationPolicy != 'Merge' || !has(self.secret) || !has(self.secret.type)",
      message:
        'secret.type needs creationPolicy Owner: a Secret that is merged into keeps its type; remove secret.type',
      holds: ({ creationPolicy, secret }) => creationPolicy !== 'Merge' || secret?.type === undefined,
    },
  ],
  {
    description:
      'What is written, in this namespace. Without a secret, selecting a Key Vault reference that is no certificate is an invalid spec; without a configMap, plain values are written only with secret.include All.',
  },
);
