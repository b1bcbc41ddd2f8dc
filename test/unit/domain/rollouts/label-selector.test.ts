import { expect } from 'chai';
import { type LabelSelector, selects } from '../../../../src/domain/rollouts/label-selector.ts';

const LABELS = { app: 'web', tier: 'front' };
const needs = (
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  key: string,
  ...values: string[]
): LabelSelector => ({ matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }] });

describe('A label selector', () => {
  const cases: readonly [string, LabelSelector, boolean][] = [
    ['selects by equal labels', { matchLabels: { app: 'web', tier: 'front' } }, true],
    ['wants every label', { matchLabels: { app: 'web', tier: 'back' } }, false],
    ['does not select by a label that is absent', { matchLabels: { team: 'web' } }, false],
    ['takes no label from the prototype', { matchLabels: { constructor: 'Object' } }, false],
    ['selects by one of several values', needs('In', 'app', 'api', 'web'), true],
    ['does not select by other values', needs('In', 'app', 'api'), false],
    ['does not find an absent label among values', needs('In', 'team', ''), false],
    ['leaves out values', needs('NotIn', 'app', 'web'), false],
    ['selects an object without the label that is left out', needs('NotIn', 'team', 'web'), true],
    ['selects by the presence of a label', needs('Exists', 'tier'), true],
    ['does not see a label that is absent', needs('Exists', 'team'), false],
    ['selects by the absence of a label', needs('DoesNotExist', 'team'), true],
    ['does not select by the absence of a present one', needs('DoesNotExist', 'app'), false],
    [
      'wants labels and expressions together',
      { matchLabels: { app: 'web' }, ...needs('DoesNotExist', 'tier') },
      false,
    ],
  ];
  for (const [title, selector, expected] of cases) {
    it(title, () => expect(selects(selector, LABELS)).to.equal(expected));
  }

  it('sees an object without labels', () => {
    expect(selects(needs('DoesNotExist', 'app'), undefined)).to.equal(true);
    expect(selects({ matchLabels: { app: 'web' } }, undefined)).to.equal(false);
  });
});
