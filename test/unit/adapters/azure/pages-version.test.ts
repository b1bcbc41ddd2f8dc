import { expect } from 'chai';
import { STORE_API_VERSION } from '../../../../src/adapters/azure/app-configuration.ts';
import { PAGES_VERSION } from '../../../../src/domain/input-hash.ts';

describe('the version of page ETags', () => {
  it('is raised together with the API version, since ETags are compared only within one', () => {
    expect([STORE_API_VERSION, PAGES_VERSION]).to.deep.equal(['2026-04-01', 1]);
  });
});
