import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { ensurePromtool } from '../../dev/promtool/promtool.ts';
import { type Manifest, useHelm } from './support/chart.ts';
import { strangersOf } from './support/promql.ts';
import { VALUE_SETS } from './support/value-sets.ts';

/** What the chart gives to Prometheus and Grafana, judged by Prometheus's own tool. */

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Groups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** Building promtool takes minutes, once. */
const BUILD_MS = 1_200_000;
const RUNBOOKS = 'https://docs.example/alerts#';

describe('monitoring by the chart', function () {
  this.timeout(180_000);
  const helm = useHelm();
  let promtool = '';
  let folder = '';
  let objects: readonly Manifest[] = [];

  before(async function () {
    this.timeout(BUILD_MS);
    promtool = await ensurePromtool();
    folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    objects = await helm().objects(VALUE_SETS['monitored']);
    await writeFile(join(folder, 'rules.yaml'), stringify(rules()));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const of = (kind: string, suffix = ''): Manifest => {
    const found = objects.find((object) => object.kind === kind && object.metadata.name.endsWith(suffix));
    if (found === undefined) throw new Error(`the chart renders no ${kind}`);
    return found;
  };
  const rules = (): Groups => of('PrometheusRule').spec as unknown as Groups;
  const alerts = (): readonly Rule[] => rules().groups.flatMap((group) => group.rules);
  const run = (...args: string[]) => promisify(execFile)(promtool, args, { cwd: folder });

  it('is off unless asked for: clusters without the Prometheus operator know none of its kinds', async () => {
    const kinds = (await helm().objects()).map(({ kind }) => kind);
    expect(kinds).not.to.include.members(['ServiceMonitor']);
    expect(kinds).not.to.include.members(['PrometheusRule']);
    expect(JSON.stringify(await helm().objects())).not.to.include('grafana_dashboard');
  });

  it('refuses a ServiceMonitor for a Service that is not there', async () => {
    const metrics = { service: { enabled: false }, serviceMonitor: { enabled: true } };
    const { exitCode, stderr } = await helm().template({ values: { metrics } });
    expect(exitCode).not.to.equal(0);
    expect(stderr).to.include('metrics.serviceMonitor.enabled needs metrics.service.enabled');
  });

  it('selects the very Service of the release', () => {
    const { selector, endpoints } = of('ServiceMonitor').spec as unknown as {
      selector: { matchLabels: Record<string, string> };
      endpoints: { port: string }[];
    };
    const service = of('Service', '-metrics');
    expect(service.metadata.labels).to.include(selector.matchLabels);
    const ports = (service.spec as unknown as { ports: { name: string }[] }).ports.map(({ name }) => name);
    expect(endpoints.map(({ port }) => port)).to.deep.equal(ports);
  });

  it('brings rules that promtool finds nothing to say against', async () => {
    const { stdout } = await run('check', 'rules', '--lint=all', '--lint-fatal', 'rules.yaml');
    expect(stdout).to.include(`SUCCESS: ${alerts().length} rules found`);
  });

  it('wakes somebody when it should, says what is the case, and is silent when all is well', async () => {
    const tests = new URL('alerts.yaml', import.meta.url);
    await writeFile(join(folder, 'tests.yaml'), await readFile(tests));
    const said = await run('test', 'rules', 'tests.yaml').catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    expect(`${said.stdout}${said.stderr}`).to.match(/SUCCESS\s*$/);
  });

  it('has a promtool test for every alert', async () => {
    const { tests } = parse(await readFile(new URL('alerts.yaml', import.meta.url), 'utf8')) as {
      tests: readonly { alert_rule_test?: readonly { alertname: string; exp_alerts: readonly object[] }[] }[];
    };
    const cases = tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test);
    for (const { alert } of alerts()) {
      const mine = cases.filter(({ alertname }) => alertname === alert).map((one) => one.exp_alerts.length);
      expect(mine, `${alert}: add a case in test/chart/alerts.yaml`).to.include(0).and.to.include(1);
    }
  });

  it('links every alert to a section of the guide', async () => {
    const page = await readFile(new URL('../../docs/guide/alerts.md', import.meta.url), 'utf8');
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections).to.have.members(alerts().map(({ alert }) => alert));
    for (const { alert, annotations } of alerts())
      expect(annotations['runbook_url']).to.equal(`${RUNBOOKS}${alert.toLowerCase()}`);
  });

  it('asks only for metrics and labels that there are', () => {
    for (const { alert, expr } of alerts()) expect(strangersOf(expr), alert).to.deep.equal([]);
    for (const { title, targets } of dashboard().panels)
      for (const { expr } of targets) expect(strangersOf(expr), title).to.deep.equal([]);
  });

  const dashboard = (): Dashboard => {
    const data = (of('ConfigMap', '-dashboard') as unknown as { data: Record<string, string> }).data;
    return JSON.parse(data['appconfig-operator.json'] ?? '') as Dashboard;
  };

  it('brings a dashboard whose every query promtool can read', async () => {
    const queries = dashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries).to.have.length.above(15);
    const recorded = queries.map((expr, index) => ({
      record: `query_${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    await writeFile(
      join(folder, 'dashboard.yaml'),
      stringify({ groups: [{ name: 'all', rules: recorded }] }),
    );
    const { stdout } = await run('check', 'rules', '--lint=none', 'dashboard.yaml');
    expect(stdout).to.include(`SUCCESS: ${queries.length} rules found`);
  });
});
