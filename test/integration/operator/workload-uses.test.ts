import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP, SECRET, type Team } from '../../support/real/team.ts';
import {
  generationOf,
  initReadsKey,
  mounts,
  reader,
  refreshed,
  withWorkloads,
} from '../../support/real/workloads.ts';

const configMap = { name: CONFIG_MAP };
const PLAIN = { configMap };
const PROJECTED = { projected: { sources: [{ configMap }, { secret: { name: SECRET } }] } };
const FOLDERS = {
  configMap: {
    ...configMap,
    items: [
      { key: 'color', path: 'look/color.txt' },
      { key: 'size', path: 'shape/size.txt' },
    ],
  },
};
const only = (key: string) => ({ configMap: { ...configMap, items: [{ key, path: key }] } });

/** What a restart adds to the generation of each workload while `act` happens; those that it leaves alone are 0. */
async function restartsDuring(
  team: Team,
  names: readonly string[],
  act: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const generations = () => Promise.all(names.map((name) => generationOf(team, name)));
  const before = await generations();
  await act();
  const after = await generations();
  return Object.fromEntries(names.map((name, index) => [name, (after[index] ?? 0) - (before[index] ?? 0)]));
}

/** Changes a value, and waits for a whole pass that began afterwards: all restarts that are due at once are made. */
const change = (team: Team, key: string, value: string) => async () => {
  await (key === 'password' ? team.setSecret('db', value) : team.set(key, value));
  await refreshed(team, `${key}-${value}`);
};

describe('the workloads that a change restarts on a real API server', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=3s'] });
  const atOnce = { maxConcurrent: 20, minInterval: '0s' };

  it('are those that read the key at their start: in init containers, by subPath, from projected volumes', async () => {
    const live = [mounts('live-plain', PLAIN), mounts('live-projected', PROJECTED)];
    const team = await running().team();
    for (const workload of live) await team.kubectl(['apply', '-f', '-'], workload);
    await withWorkloads(
      team,
      [
        initReadsKey('init-color', 'color'),
        initReadsKey('init-size', 'size'),
        mounts('plain-color', PLAIN, { subPath: 'color' }),
        mounts('plain-size', PLAIN, { subPath: 'size' }),
        mounts('folder-color', FOLDERS, { subPath: 'look' }),
        mounts('folder-size', FOLDERS, { subPath: 'shape/size.txt' }),
        mounts('projected-color', PROJECTED, { subPath: 'color' }),
        mounts('projected-password', PROJECTED, { subPath: 'password' }),
      ],
      atOnce,
    );
    const of = { color: 0, size: 0, password: 0 };
    const expected = ({ color, size, password }: typeof of) => ({
      'init-color': color,
      'init-size': size,
      'plain-color': color,
      'plain-size': size,
      'folder-color': color,
      'folder-size': size,
      'projected-color': color,
      'projected-password': password,
      'live-plain': 0,
      'live-projected': 0,
    });
    const names = Object.keys(expected(of));
    const restarts = (key: string, value: string) => restartsDuring(team, names, change(team, key, value));
    expect(await restarts('color', 'green')).to.deep.equal(expected({ ...of, color: 1 }));
    expect(await restarts('size', 'small')).to.deep.equal(expected({ ...of, size: 1 }));
    expect(await restarts('password', 'rotated')).to.deep.equal(expected({ ...of, password: 1 }));
    expect(await restarts('other', 'new')).to.deep.equal(expected(of));
  });

  it('are with includeVolumes also those that mount the key as a file that the kubelet updates', async () => {
    const workloads = [
      mounts('plain', PLAIN),
      mounts('projected', PROJECTED),
      mounts('only-color', only('color')),
      mounts('only-size', only('size')),
    ];
    const team = await withWorkloads(await running().team(), workloads, { ...atOnce, includeVolumes: true });
    const names = ['plain', 'projected', 'only-color', 'only-size'];
    const restarts = (key: string, value: string) => restartsDuring(team, names, change(team, key, value));
    const size = { plain: 1, projected: 1, 'only-color': 0, 'only-size': 1 };
    expect(await restarts('size', 'small')).to.deep.equal(size);
    const password = { plain: 0, projected: 1, 'only-color': 0, 'only-size': 0 };
    expect(await restarts('password', 'rotated')).to.deep.equal(password);
  });

  it('are those alone whose own labels the selector wants, whether or not their use of a target shows', async () => {
    const labels = { tier: 'web', 'reload-config': 'yes' };
    const selector = {
      matchLabels: { tier: 'web' },
      matchExpressions: [{ key: 'reload-config', operator: 'NotIn' as const, values: ['no'] }],
    };
    const team = await running().team();
    const others = [
      reader('Deployment', 'unlabelled'),
      reader('Deployment', 'excluded', { labels: { ...labels, 'reload-config': 'no' } }),
    ];
    for (const workload of others) await team.kubectl(['apply', '-f', '-'], workload);
    const sidecar = mounts('reads-by-api', { emptyDir: {} }, { labels });
    await withWorkloads(team, [reader('Deployment', 'labelled', { labels }), sidecar], {
      ...atOnce,
      restart: 'Selected',
      selector,
    });
    const names = ['labelled', 'reads-by-api', 'unlabelled', 'excluded'];
    const restarts = (value: string) => restartsDuring(team, names, change(team, 'color', value));
    const selected = { labelled: 1, 'reads-by-api': 1, unlabelled: 0, excluded: 0 };
    expect(await restarts('green')).to.deep.equal(selected);
    await team.kubectl(['label', 'deployment', 'unlabelled', 'tier=web']);
    await team.until('the third to be known', async () => (await team.status()).rollout === '3/3');
    expect(await restarts('red')).to.deep.equal({ ...selected, unlabelled: 1 });
  });
});
