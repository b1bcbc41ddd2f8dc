import {
  ConfigurationObjectFeatureFlagProvider,
  type EvaluationResult,
  FeatureManager,
} from '@microsoft/feature-management';
import { expect } from 'chai';
import { parse } from 'yaml';
import { selectFlags } from '../../../../src/domain/content/feature-flags.ts';
import type { TreeFormat } from '../../../../src/domain/formats/flags-section.ts';
import { planFlagSources } from '../../../../src/domain/store/selectors.ts';
import { render } from '../../../../src/domain/targets/render.ts';
import { FLAG_TYPE } from '../../../support/arbitraries/settings.ts';
import { values } from './values.ts';

/** Microsoft's own library reads what is written, and decides. */

const ENDPOINT = 'https://contoso.azconfig.io';

const filter = (name: string, parameters: object) => ({ name, parameters });
const PAST = 'Wed, 01 Jan 2020 00:00:00 GMT';
const audience = (percentage: number, users: readonly string[] = []) => ({
  Audience: { Users: users, Groups: [], DefaultRolloutPercentage: percentage },
});
const ended = filter('Microsoft.TimeWindow', { End: PAST });
const begun = filter('Microsoft.TimeWindow', { Start: PAST });

/** As the portal stores them, without their ids. */
const STORED: Readonly<Record<string, object>> = {
  On: { enabled: true, conditions: { client_filters: [] } },
  Off: { enabled: false, conditions: { client_filters: [] } },
  Ended: { enabled: true, conditions: { client_filters: [ended] } },
  Any: { enabled: true, conditions: { client_filters: [ended, begun] } },
  All: { enabled: true, conditions: { requirement_type: 'All', client_filters: [ended, begun] } },
  Targeted: {
    enabled: true,
    conditions: { client_filters: [filter('Microsoft.Targeting', audience(0, ['ada']))] },
  },
  Everybody: {
    enabled: true,
    conditions: { client_filters: [filter('Microsoft.Targeting', audience(100))] },
  },
  Variants: {
    enabled: true,
    variants: [
      { name: 'Small', configuration_value: { size: 1.5 } },
      { name: 'Big', configuration_value: 'big', status_override: 'Disabled' },
    ],
    allocation: {
      default_when_enabled: 'Small',
      user: [{ variant: 'Big', users: ['ada'] }],
      percentile: [{ variant: 'Small', from: 0, to: 100 }],
      seed: 'seed',
    },
    telemetry: { enabled: true, metadata: { team: 'orders' } },
  },
};

function managerOf(
  format: TreeFormat,
  options: { onFeatureEvaluated?: (event: EvaluationResult) => void } = {},
) {
  const settings = Object.entries(STORED).map(([id, rest]) => ({
    key: `.appconfig.featureflag/${id}`,
    value: JSON.stringify({ id, description: '', ...rest }),
    contentType: FLAG_TYPE,
    etag: `etag-${id}`,
    label: 'prod',
  }));
  const [source] = planFlagSources(ENDPOINT, { selectors: [{ key: '*', label: 'prod' }] }, undefined);
  if (source === undefined) throw new Error('no source');
  const { flags } = selectFlags([{ source, settings }], ENDPOINT);
  const map = values({ 'app:color': 'blue' });
  const data = render(map, { format, invalid: 'Fail', target: 'ConfigMap c', flags });
  if (!data.ok) throw new Error(JSON.stringify(data.failure));
  const text = data.value['f'] ?? '';
  const read: Record<string, unknown> = format.kind === 'Json' ? JSON.parse(text) : parse(text);
  return new FeatureManager(new ConfigurationObjectFeatureFlagProvider(read), options);
}

for (const kind of ['Json', 'Yaml'] as const) {
  const format: TreeFormat = { kind, file: 'f', separator: ':' };

  describe(`@microsoft/feature-management with a ${kind} file`, () => {
    it('finds every flag and no other', async () => {
      const names = await managerOf(format).listFeatureNames();
      expect([...names].sort()).to.deep.equal(Object.keys(STORED).sort());
    });

    it('decides by state, filters and requirement type', async () => {
      const manager = managerOf(format);
      const decided: [string, boolean][] = [];
      for (const name of ['On', 'Off', 'Ended', 'Any', 'All', 'Everybody', 'Missing'])
        decided.push([name, await manager.isEnabled(name, { userId: 'bob' })]);
      expect(Object.fromEntries(decided)).to.deep.equal({
        On: true,
        Off: false,
        Ended: false,
        Any: true,
        All: false,
        Everybody: true,
        Missing: false,
      });
    });

    it('decides by who asks', async () => {
      const manager = managerOf(format);
      expect(await manager.isEnabled('Targeted', { userId: 'ada' })).to.equal(true);
      expect(await manager.isEnabled('Targeted', { userId: 'bob' })).to.equal(false);
    });

    it('gives the variants with their values', async () => {
      const manager = managerOf(format);
      const small = await manager.getVariant('Variants', { userId: 'bob' });
      expect(small).to.deep.include({ name: 'Small', configuration: { size: 1.5 } });
      const big = await manager.getVariant('Variants', { userId: 'ada' });
      expect(big).to.deep.include({ name: 'Big', configuration: 'big' });
      expect(await manager.isEnabled('Variants', { userId: 'ada' })).to.equal(false);
      expect(await manager.isEnabled('Variants', { userId: 'bob' })).to.equal(true);
    });

    it('tells telemetry where a flag comes from', async () => {
      const events: EvaluationResult[] = [];
      const manager = managerOf(format, { onFeatureEvaluated: (event) => events.push(event) });
      await manager.isEnabled('On');
      await manager.isEnabled('Variants', { userId: 'bob' });
      expect(events.map(({ feature }) => feature?.telemetry?.metadata)).to.deep.equal([
        {
          team: 'orders',
          ETag: 'etag-Variants',
          FeatureFlagReference: `${ENDPOINT}/kv/.appconfig.featureflag/Variants?label=prod`,
        },
      ]);
    });
  });
}
