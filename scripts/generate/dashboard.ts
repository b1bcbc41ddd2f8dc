import { PANELS, type Panel } from './dashboard-panels.ts';
import type { GeneratedFile } from './files.ts';

/**
 * The dashboard of the chart, in Grafana's JSON model (grafana.com/docs/grafana/latest/dashboards/build-dashboards/
 * view-dashboard-json-model). What it shows stands in dashboard-panels.ts.
 */
export function dashboard(): readonly GeneratedFile[] {
  const model = {
    title: 'appconfig-operator',
    uid: 'appconfig-operator',
    tags: ['appconfig-operator', 'azure'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [source, variable('namespace'), variable('job')] },
    panels: placed(PANELS),
  };
  const content = `${JSON.stringify(model, null, 1)}\n`;
  return [{ path: 'charts/appconfig-operator/files/dashboard.json', content }];
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

const source = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };

const variable = (name: string): object => ({
  name,
  type: 'query',
  datasource: DATASOURCE,
  query: `label_values(appconfig_operator_leader, ${name})`,
  refresh: 2,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
});

const COLUMNS = 24;

/** From left to right, a new line where one is full. */
function placed(panels: readonly Panel[]): readonly object[] {
  let x = 0;
  let y = 0;
  return panels.map((panel, index) => {
    const [w, h] = panel.kind === 'stat' ? [4, 4] : [12, 8];
    if (x + w > COLUMNS) [x, y] = [0, y + h];
    const gridPos = { x, y, w, h };
    x += w;
    if (x === COLUMNS) [x, y] = [0, y + h];
    return { id: index + 1, gridPos, ...modelOf(panel) };
  });
}

const modelOf = ({ kind, title, description, unit, queries }: Panel): object => ({
  type: kind,
  title,
  description,
  datasource: DATASOURCE,
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  targets: queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
  })),
});
