import { expect } from 'chai';
import { contentKind } from '../../../../src/domain/store/contenttypes.ts';

describe('content types', () => {
  const known: Record<string, readonly (string | undefined)[]> = {
    reference: [
      'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
      'application/vnd.microsoft.appconfig.keyvaultref+json; charset=utf-8',
      'application/vnd.microsoft.appconfig.keyvaultref+json',
      ' Application/VND.Microsoft.AppConfig.KeyVaultRef+JSON ; x=1',
    ],
    'feature-flag': [
      'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
      'APPLICATION/vnd.microsoft.appconfig.ff+json',
    ],
    json: [
      'application/json',
      'application/json; charset=utf-8',
      'application/ld+json',
      'application/json; profile="https://azconfig.io/mime-profiles/ai"',
      'application/json; x=profile; profiles="https://azconfig.io/mime-profiles/snapshot-ref"',
    ],
    'snapshot-reference': [
      'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8',
      'application/json;charset=utf-8;profile=https://azconfig.io/mime-profiles/snapshot-ref',
      'Application/JSON ; Profile = "https://azconfig.io/mime-profiles/Snapshot-Ref"',
    ],
    plain: [
      undefined,
      '',
      'text/plain',
      'text/json',
      'application/jsonx',
      'application/x-json',
      'json',
      ';application/json',
      'application/a b+json',
    ],
  };
  for (const [kind, types] of Object.entries(known)) {
    it(`tell a ${kind} by its media type, and by the profile of JSON`, () => {
      for (const type of types) expect(contentKind(type), String(type)).to.equal(kind);
    });
  }
});
