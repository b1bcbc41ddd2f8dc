import { expect } from 'chai';
import { leavingDeeds, restartDeeds, writeDeeds } from '../../../src/reconcile/deeds.ts';
import type { Applied } from '../../../src/reconcile/steps/applied.ts';

const applied = (
  kind: 'ConfigMap' | 'Secret',
  keys: number,
  action: Applied['action'],
  contentChanged = action !== 'unchanged',
): Applied => ({
  status: { kind, name: kind.toLowerCase(), keys },
  object: { metadata: { name: kind.toLowerCase() } },
  action,
  contentChanged,
});

const notes = (deeds: ReturnType<typeof writeDeeds>) => deeds.map(({ reason, note }) => [reason, note]);

describe('What a pass did', () => {
  it('is one event for all targets that were created', () => {
    const deeds = writeDeeds([applied('Secret', 1, 'created'), applied('ConfigMap', 2, 'created')]);
    expect(notes(deeds)).to.deep.equal([
      ['TargetCreated', 'created Secret secret (1 key) and ConfigMap configmap (2 keys)'],
    ]);
  });

  it('keeps apart what was created, updated and repaired', () => {
    const deeds = writeDeeds([applied('Secret', 1, 'repaired'), applied('ConfigMap', 0, 'updated')]);
    expect(notes(deeds)).to.deep.equal([
      ['TargetUpdated', 'updated ConfigMap configmap (0 keys)'],
      ['TargetRepaired', 'put back what someone else had changed in Secret secret (1 key)'],
    ]);
  });

  it('is no event where no content changed', () => {
    const deeds = writeDeeds([applied('Secret', 1, 'unchanged'), applied('ConfigMap', 2, 'updated', false)]);
    expect(deeds).to.deep.equal([]);
  });

  it('names the targets that were removed, and why', () => {
    const secret = { kind: 'Secret', name: 'old' } as const;
    const configMap = { kind: 'ConfigMap', name: 'older' } as const;
    expect(notes(leavingDeeds({ removed: [secret, configMap], retained: [] }))).to.deep.equal([
      ['TargetRemoved', 'removed Secret old and ConfigMap older, which the spec no longer names'],
    ]);
    expect(notes(leavingDeeds({ removed: [], retained: [secret] }))).to.deep.equal([
      [
        'TargetRetained',
        'let go of Secret old, which the spec no longer names: as spec.target.deletionPolicy says',
      ],
    ]);
  });

  it('names restarted workloads, of many the first ten', () => {
    expect(notes(restartDeeds([]))).to.deep.equal([]);
    expect(notes(restartDeeds(['Deployment/web']))).to.deep.equal([
      ['Restarted', 'restarted Deployment web: content that it reads only at its start has changed'],
    ]);
    const many = restartDeeds(Array.from({ length: 40 }, (_, index) => `Deployment/web-${index}`));
    expect(many).to.have.length(1);
    expect(many[0]?.note).to.match(
      /Deployment web-9 and 30 more: content that they read only at their start/,
    );
  });
});
