import { expect } from 'chai';
import fc from 'fast-check';
import { mergePatch } from '../../../../src/domain/status/merge-patch.ts';

/** RFC 7396, as the server applies it. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = apply(result[name], value);
  }
  return result;
}

// Merge patches cannot set null, and a status holds none.
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const name = fc.constantFrom('a', 'b', 'c');
const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, leaf, tie('tree'))),
}));

describe('a merge patch', () => {
  it('turns any status into any other', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        const patch = mergePatch(before, after);
        expect(patch === undefined ? before : apply(before, patch)).to.deep.equal(after);
      }),
    );
  });

  it('of equal values is nothing at all', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(mergePatch(value, structuredClone(value))).to.equal(undefined);
      }),
    );
  });

  it('takes undefined members for absent ones', () => {
    expect(mergePatch({ a: 1 }, { a: 1, b: undefined })).to.equal(undefined);
    expect(mergePatch({ a: 1, b: 2 }, { a: 1, b: undefined })).to.deep.equal({ b: null });
  });
});
