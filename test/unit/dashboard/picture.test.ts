import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Panel, queryOf, readPanels } from '../../../dev/dashboard/dashboard.ts';
import type { Named } from '../../../dev/dashboard/panels.ts';
import { PICTURE, picture } from '../../../dev/dashboard/picture.ts';
import { escaped } from '../../../dev/dashboard/svg.ts';

/** Names of elements that are not closed in their order; of an empty picture, the missing root. */
function unclosed(svg: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, end, name = '', empty] of svg.matchAll(
    /<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*(\/?)>/g,
  )) {
    if (end === '/') {
      if (open.pop() !== name) wrong.push(name);
    } else if (empty !== '/') open.push(name);
  }
  return [...wrong, ...open];
}
/** What a parser would take for markup or an entity, outside of whole tags. */
const stray = (svg: string): string =>
  svg
    .replaceAll(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\/?>/g, '')
    .replaceAll(/&(?:amp|lt|gt|quot);/g, '')
    .replaceAll(/[^<>&]/g, '');

const groups = (svg: string): readonly string[] => svg.split('<g class="panel"').slice(1);

describe('The picture of the dashboard', () => {
  let svg = '';
  let panels: readonly Panel[] = [];
  before(async () => {
    svg = await readFile(PICTURE, 'utf8');
    panels = await readPanels();
  });

  it('is well-formed', () => {
    expect(svg).to.match(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
    expect(unclosed(svg)).to.deep.equal([]);
    expect(stray(svg)).to.equal('');
  });

  it('shows exactly the panels of the dashboard: after a change, run node dev/dashboard/main.ts', () => {
    const titles = [...svg.matchAll(/class="title">([^<]*)</g)].map(([, title]) => title);
    expect(titles).to.deep.equal(panels.map(({ title }) => escaped(title)));
  });

  it('has a curve in each of them', () => {
    const empty = groups(svg).filter(
      (group) => !/<(?:path|circle) /.test(group) || group.includes('No data'),
    );
    expect(empty).to.deep.equal([]);
  });

  it('says that it is drawn, and from what', () => {
    expect(svg).to.include('no screenshot of Grafana');
  });
});

describe('A drawn panel', () => {
  const panel: Panel = {
    id: 1,
    type: 'timeseries',
    title: 'Codes <400 & more',
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    fieldConfig: { defaults: { unit: 'short' } },
    targets: [],
  };
  const recording = { start: 0, step: 5, scrapes: 60, series: [] };
  const series = (name: string, values: readonly (number | undefined)[]): Named => ({
    name,
    line: {
      labels: {},
      points: values.flatMap((value, index) => (value === undefined ? [] : [[index * 5, value]])),
    },
  });
  const drawn = (...named: Named[]) => picture([panel], [named], recording);

  it('escapes what its texts hold', () => {
    expect(stray(drawn(series('a<b', [1, 2])))).to.equal('');
    expect(drawn()).to.include('Codes &lt;400 &amp; more').and.to.include('No data');
  });

  it('leaves a gap where nothing was answered, and makes a lone point a dot', () => {
    const svg = drawn(series('a', [1, 1, undefined, 2, undefined, 1, 1]));
    expect(svg.match(/ d="[^"]*"/g)?.map((path) => path.split('M').length - 1)).to.deep.equal([2]);
    expect(svg.match(/<circle /g)).to.have.length(1);
  });

  it('begins a new row of its legend where names would meet the edge', () => {
    const names = Array.from({ length: 12 }, (_, index) => series(`a rather long name ${index}`, [1, 1]));
    const rows = new Set([...drawn(...names).matchAll(/y="([\d.]+)" font-size="11"/g)].map(([, y]) => y));
    expect(rows.size).to.equal(4);
  });
});

describe('A query of the dashboard', () => {
  it('is asked with everything chosen and a rate over four scrapes', () => {
    const asked = queryOf('rate(a{namespace=~"$namespace", job=~"$job"}[$__rate_interval])', 5);
    expect(asked).to.equal('rate(a{namespace=~".*", job=~".*"}[20s])');
  });
});
