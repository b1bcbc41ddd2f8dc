/** The dashboard of the chart, as far as it is drawn. */
import { readFile } from 'node:fs/promises';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  /** In 24 columns, and rows of 30 pixels. */
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const FILE = new URL('../../charts/appconfig-operator/files/dashboard.json', import.meta.url);

export const readPanels = async (): Promise<readonly Panel[]> =>
  (JSON.parse(await readFile(FILE, 'utf8')) as { panels: readonly Panel[] }).panels;

/** What Grafana puts in for its variables: everything is chosen, and it asks as often as was scraped. */
export const queryOf = (expr: string, stepSeconds: number): string =>
  expr
    .replaceAll(/\$(namespace|job)\b/g, '.*')
    // As `$__rate_interval` is documented: four scrapes at least.
    .replaceAll('$__rate_interval', `${4 * stepSeconds}s`);

/** Names of the metrics that the panels ask for. */
export const metricsOf = (panels: readonly Panel[]): ReadonlySet<string> =>
  new Set(
    panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:appconfig_operator|process)_\w+/g) ?? []),
    ),
  );
