import { expect } from 'chai';
import fc from 'fast-check';
import {
  contentHash as hashOfContent,
  markerOf,
  markerValue,
  parseMarker,
} from '../../../../src/domain/rollouts/marker.ts';
import type { Keys, Usage } from '../../../../src/domain/rollouts/usage.ts';
import type { Workload } from '../../../../src/domain/rollouts/workload.ts';

const KEY = { id: 'k1', bytes: new Uint8Array(32).fill(7) };
const ALL: Usage = usage('all', 'all');
const ONE: Usage = usage(['a'], ['p']);

function usage(configMap: Keys, secret: Keys): Usage {
  const uses = [
    { role: 'configMap', keys: configMap },
    { role: 'secret', keys: secret },
  ];
  return { kind: 'keys', uses };
}

type Data = Readonly<Record<string, Readonly<Record<string, string>>>>;
const contentHash = (key: typeof KEY, used: Usage, data: Data): string =>
  hashOfContent(key, used, new Map(Object.entries(data)));

describe('The content hash', () => {
  const data = { configMap: { a: '1', b: '2' }, secret: { p: 'x', q: 'y' } };
  const hash = contentHash(KEY, ONE, data);

  it('is 16 hex digits', () => {
    expect(hash).to.match(/^[0-9a-f]{16}$/);
  });

  it('changes with a used key', () => {
    expect(contentHash(KEY, ONE, { ...data, configMap: { a: '9' } })).to.not.equal(hash);
    expect(contentHash(KEY, ONE, { ...data, secret: { p: '9' } })).to.not.equal(hash);
  });

  it('does not change with a key that the workload does not use', () => {
    expect(contentHash(KEY, ONE, { configMap: { a: '1', c: '3' }, secret: { p: 'x' } })).to.equal(hash);
  });

  it('changes with the key of the operator', () => {
    expect(contentHash({ id: 'k1', bytes: new Uint8Array(32) }, ONE, data)).to.not.equal(hash);
  });

  it('tells a missing key from an empty value', () => {
    const empty = contentHash(KEY, ONE, { configMap: { a: '' }, secret: { p: '' } });
    expect(contentHash(KEY, ONE, { configMap: {}, secret: { p: '' } })).to.not.equal(empty);
    expect(contentHash(KEY, ONE, {})).to.not.equal(contentHash(KEY, ONE, { configMap: { a: '' } }));
  });

  it('tells a setting from a secret of the same key', () => {
    expect(contentHash(KEY, ALL, { configMap: { a: '1' } })).to.not.equal(
      contentHash(KEY, ALL, { secret: { a: '1' } }),
    );
  });

  it('tells two Secrets of the same keys apart', () => {
    const used: Usage = { kind: 'keys', uses: [{ role: 'secret', keys: 'all' }] };
    const further: Usage = { kind: 'keys', uses: [{ role: 'certificate', keys: 'all' }] };
    const content = { secret: { a: '1' }, certificate: { a: '1' } };
    expect(contentHash(KEY, used, content)).to.not.equal(contentHash(KEY, further, content));
  });

  it('does not take a key from the prototype of the data', () => {
    const inherited = usage(['constructor'], []);
    expect(contentHash(KEY, inherited, { configMap: {} })).to.equal(contentHash(KEY, inherited, {}));
  });

  it('does not depend on the order of the data, and never gives two contents one hash', () => {
    const dictionary = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 });
    fc.assert(
      fc.property(dictionary, dictionary, (one, other) => {
        const hashOf = (configMap: Record<string, string>): string => contentHash(KEY, ALL, { configMap });
        const reversed = Object.fromEntries(Object.entries(one).reverse());
        expect(hashOf(reversed)).to.equal(hashOf(one));
        const canonical = (data: Record<string, string>): string =>
          JSON.stringify(Object.entries(data).sort());
        expect(hashOf(one) === hashOf(other)).to.equal(canonical(one) === canonical(other));
      }),
    );
  });
});

describe('The text of a marker', () => {
  it('is read back as it was written, whatever the key id', () => {
    const turns = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(fc.stringMatching(/^[-a-z0-9:.]{1,20}$/), turns, (keyId, turn) => {
        const text = markerValue(keyId, '0123456789abcdef', turn);
        expect(parseMarker(text)).to.deep.equal({ keyId, contentHash: '0123456789abcdef', turn });
      }),
    );
  });

  it('names the turn only from the second restart for the same content on', () => {
    expect(markerValue('k1', '0123456789abcdef')).to.equal('k1:0123456789abcdef');
    expect(markerValue('k1', '0123456789abcdef', 2)).to.equal('k1:0123456789abcdef.2');
  });

  for (const text of [
    undefined,
    '',
    'k1',
    'k1:',
    ':0123456789abcdef',
    'k1:0123',
    'k1:0123456789abcdef.0',
    'k1:0123456789ABCDEF',
  ]) {
    it(`is no marker when it is ${JSON.stringify(text)}`, () => {
      expect(parseMarker(text)).to.equal(undefined);
    });
  }
});

describe('The marker on a pod template', () => {
  const NAME = 'rollout.appconfig.dev/orders';
  const owner = (manager: string): Workload['metadata'] => ({
    name: 'orders',
    managedFields: [
      {
        manager,
        operation: 'Update',
        fieldsV1: {
          'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': { [`f:${NAME}`]: {} } } } },
        },
      },
    ],
  });
  const workload = (metadata: Workload['metadata']): Workload => ({
    kind: 'Deployment',
    metadata,
    spec: { template: { metadata: { annotations: { [NAME]: 'k1:0123456789abcdef' } } } },
  });

  it('is ours when the operator wrote it last', () => {
    const marker = markerOf(workload(owner('appconfig-operator')), 'orders');
    expect(marker).to.deep.equal({
      keyId: 'k1',
      contentHash: '0123456789abcdef',
      turn: 1,
      ours: true,
      text: 'k1:0123456789abcdef',
    });
  });

  it('is not ours when someone else brought it back', () => {
    expect(markerOf(workload(owner('kubectl-rollout')), 'orders')).to.include({ ours: false });
  });

  it('counts as ours when the server tells no owners', () => {
    expect(markerOf(workload({ name: 'orders' }), 'orders')).to.include({ ours: true });
  });

  it('is not seen for another binding', () => {
    expect(markerOf(workload({ name: 'orders' }), 'payments')).to.equal(undefined);
  });
});
