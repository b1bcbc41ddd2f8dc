import { expect } from 'chai';
import fc from 'fast-check';
import { previousValue } from '../../../src/domain/previous-value.ts';
import { renderConfigMap } from '../../../src/domain/render.ts';

const json = { kind: 'Json', file: 'settings.json' } as const;

describe('the previous value of a key', () => {
  it('is the entry of a KeyValue ConfigMap', () => {
    expect(previousValue({ a: '1' }, 'a', { kind: 'KeyValue' })).to.deep.equal({ value: '1' });
    expect(previousValue({ a: '1' }, 'b', { kind: 'KeyValue' })).to.equal(undefined);
  });

  it('is found in a file, also below a separator', () => {
    const data = { 'settings.json': '{"a:b": "flat", "a": {"c": "deep"}}' };
    expect(previousValue(data, 'a:b', json)).to.deep.equal({ value: 'flat' });
    expect(previousValue(data, 'a:c', { ...json, separator: ':' })).to.deep.equal({ value: 'deep' });
    expect(previousValue(data, 'a:d', { ...json, separator: ':' })).to.equal(undefined);
  });

  it('keeps the exact text of numbers', () => {
    const data = { 'settings.json': '{"n": 1.10000000000000000001}' };
    expect(previousValue(data, 'n', json)).to.deep.equal({
      value: '1.10000000000000000001',
      contentType: 'application/json',
    });
  });

  it('is nothing where the file is missing or broken', () => {
    expect(previousValue({}, 'a', json)).to.equal(undefined);
    expect(previousValue({ 'settings.json': '{' }, 'a', json)).to.equal(undefined);
  });

  it('rendered again gives the same file', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (settings) => {
        const values = new Map(Object.entries(settings).map(([key, value]) => [key, { value }]));
        const first = renderConfigMap(values, json);
        if (!first.ok) return;
        const again = new Map(
          [...values.keys()].map((key) => [key, previousValue(first.value, key, json) ?? { value: null }]),
        );
        expect(renderConfigMap(again, json)).to.deep.equal(first);
      }),
    );
  });
});
