import { GROUP, KIND, PLURAL, VERSION } from '../../src/api/names.ts';
import { bindingSchema, specSchema, statusSchema } from '../../src/api/schema.ts';
import { UNSEEN } from '../../src/api/status.ts';
import { toJsonSchema } from './json-schema.ts';
import { structural } from './structural.ts';

const ready = (member: string) => `.status.conditions[?(@.type=="Ready")].${member}`;

/** `priority` 1: only with `-o wide`. */
const COLUMNS = [
  { name: 'Ready', type: 'string', jsonPath: ready('status') },
  { name: 'Environment', type: 'string', jsonPath: '.status.environment' },
  { name: 'Settings', type: 'integer', jsonPath: '.status.settings' },
  { name: 'Secrets', type: 'integer', jsonPath: '.status.secrets' },
  { name: 'Rollout', type: 'string', jsonPath: '.status.rollout' },
  { name: 'Store', type: 'string', jsonPath: '.spec.store.endpoint', priority: 1 },
  { name: 'Reason', type: 'string', jsonPath: ready('reason'), priority: 1 },
  { name: 'Last Change', type: 'date', jsonPath: '.status.lastChangeTime', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

export const CRD_NAME = `${PLURAL}.${GROUP}`;

/** The CustomResourceDefinition, without annotations. */
export const crd = () => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: CRD_NAME },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: {
      kind: KIND,
      listKind: `${KIND}List`,
      plural: PLURAL,
      singular: KIND.toLowerCase(),
      shortNames: ['acb'],
      categories: ['appconfig'],
    },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: COLUMNS,
        schema: { openAPIV3Schema: root() },
      },
    ],
  },
});

/** The API server brings the schema of `metadata` itself and refuses another one. */
function root() {
  const { description = '', 'x-kubernetes-validations': validations = [] } = toJsonSchema(bindingSchema);
  return {
    description,
    type: 'object',
    'x-kubernetes-validations': validations,
    required: ['spec'],
    properties: {
      apiVersion: { description: 'Version of the schema of this object.', type: 'string' },
      kind: { description: 'Kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      spec: structural(toJsonSchema(specSchema), 'spec'),
      status: { ...structural(toJsonSchema(statusSchema), 'status'), default: UNSEEN },
    },
  };
}
