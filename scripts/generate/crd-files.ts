import { stringify } from 'yaml';
import { CRD_NAME, crd } from './crd.ts';
import type { GeneratedFile } from './files.ts';

const NOTE = 'Generated from src/api by scripts/generate.ts; do not edit.';
const CHART = 'charts/appconfig-operator/templates/crd.yaml';

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0 });

/** The CRD for `kubectl apply`, and the same as a template: helm never upgrades what lies in a `crds` folder. */
export function crdFiles(): readonly GeneratedFile[] {
  const definition = crd();
  return [
    { path: `crds/${CRD_NAME}.yaml`, content: `# ${NOTE}\n${yaml(definition)}` },
    { path: CHART, content: chartTemplate(definition) },
  ];
}

/** Uninstalling the chart keeps the CRD, and with it every binding. */
function chartTemplate(definition: ReturnType<typeof crd>): string {
  const annotated = {
    ...definition,
    metadata: { ...definition.metadata, annotations: { 'helm.sh/resource-policy': 'keep' } },
  };
  return `{{- /* ${NOTE} */ -}}\n{{- if .Values.crds.install }}\n${escapeTemplate(yaml(annotated))}{{- end }}\n`;
}

/** Text that a template engine gives back as it is. */
export const escapeTemplate = (text: string): string => text.replaceAll('{{', '{{ "{{" }}');
