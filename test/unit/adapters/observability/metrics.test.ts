import { expect } from 'chai';
import { createMetrics } from '../../../../src/adapters/observability/metrics.ts';

describe('the metrics', () => {
  it('carry the prefix, a help text and their labels', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.increment('events_total', { reason: 'Synced' });
    metrics.increment('events_total', { reason: 'Synced' }, 2);
    metrics.set('bindings', { ready: 'True' }, 7);
    metrics.observe('workqueue_latency_seconds', {}, 0.2);
    const text = await metrics.render();
    expect(text).to.contain('appconfig_operator_events_total{reason="Synced"} 3');
    expect(text).to.contain('appconfig_operator_bindings{ready="True"} 7');
    expect(text).to.contain('appconfig_operator_workqueue_latency_seconds_bucket{le="0.25"} 1');
    expect(text).to.match(/# HELP appconfig_operator_events_total \S/);
  });

  it('live in a registry of their own', async () => {
    const [one, other] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];
    one.set('leader', {}, 1);
    expect(await other.render()).to.contain('appconfig_operator_leader 0');
  });

  it('bring the metrics of the process with them', async () => {
    expect(await createMetrics().render()).to.contain('process_resident_memory_bytes');
  });
});
