import { expect } from 'chai';
import { lastSpecChange, ownsField } from '../../../../src/domain/rollouts/managedfields.ts';
import type { ManagedFields } from '../../../../src/domain/targets/field-managers.ts';

const TEMPLATE = { 'f:spec': { 'f:template': { 'f:spec': {} } } };
const entry = (time: string, other: Partial<ManagedFields> = {}): ManagedFields => ({
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  time: `2026-01-01T${time}Z`,
  fieldsV1: TEMPLATE,
  ...other,
});
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

describe('The last change of a pod template', () => {
  it('is the newest write by anyone', () => {
    const fields = [entry('10:00:00'), entry('12:00:00', { manager: 'helm' }), entry('11:00:00')];
    expect(lastSpecChange(fields)).to.equal(at('12:00:00'));
  });

  const ignored: readonly [string, Partial<ManagedFields>][] = [
    ['writes of the status', { subresource: 'status' }],
    ['writes of the scale', { subresource: 'scale' }],
    ['the operator’s own restarts', { manager: 'appconfig-operator' }],
    ['whoever owns only the number of replicas', { fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
    ['whoever owns only metadata', { fieldsV1: { 'f:metadata': { 'f:annotations': {} } } }],
    ['times that are none', { time: 'soon' }],
  ];
  for (const [title, other] of ignored) {
    it(`ignores ${title}`, () => {
      expect(lastSpecChange([entry('10:00:00'), entry('12:00:00', other)])).to.equal(at('10:00:00'));
    });
  }

  it('is unknown without entries that tell it', () => {
    expect(lastSpecChange(undefined)).to.equal(undefined);
    expect(lastSpecChange([entry('10:00:00', { manager: 'appconfig-operator' })])).to.equal(undefined);
  });
});

describe('The owner of a field', () => {
  const path = ['spec', 'template'];

  it('is the operator when one of its entries holds the field', () => {
    expect(
      ownsField([entry('10:00:00'), entry('11:00:00', { manager: 'appconfig-operator' })], path),
    ).to.equal(true);
  });

  it('is not the operator when only others hold it', () => {
    const other = entry('11:00:00', { manager: 'appconfig-operator', fieldsV1: { 'f:spec': {} } });
    expect(ownsField([entry('10:00:00'), other], path)).to.equal(false);
  });

  it('is taken to be the operator when the server tells nothing', () => {
    expect(ownsField(undefined, path)).to.equal(true);
    expect(ownsField([], path)).to.equal(true);
  });
});
