import { expect } from 'chai';
import fc from 'fast-check';
import { readConnectionString } from '../../../../src/domain/identity/connection-string.ts';

const read = (texts: Record<string, string>) => readConnectionString(new Map(Object.entries(texts)));
const KEY = { id: 'abcd-l0-s0:xYz+/9', secret: 'c2VjcmV0LW9mLXRoZS1rZXk=' };
const TEXT = `Endpoint=https://Contoso.azconfig.io;Id=${KEY.id};Secret=${KEY.secret}`;

describe('a connection string', () => {
  it('is read under the names that different tools give to its key', () => {
    for (const name of [
      'connectionString',
      'connection-string',
      'AZURE_APPCONFIG_CONNECTION_STRING',
      'azure_app_configuration_connection_string',
    ])
      expect(read({ [name]: `${TEXT}\n` }), name).to.deep.equal({
        ok: true,
        host: 'contoso.azconfig.io',
        key: KEY,
      });
  });

  it('may have its parts in any order, and a slash at the end of its endpoint', () => {
    const text = `Secret=${KEY.secret};Endpoint=https://contoso.azconfig.io/;Id=${KEY.id};`;
    expect(read({ connectionString: text }).ok).to.equal(true);
  });

  it('says which key is missing or wrong', () => {
    for (const [texts, problem] of [
      [{}, /^it holds no connectionString: add one of the form Endpoint=https/],
      [{ connectionString: 'x' }, /^its key connectionString is not of the form/],
      [{ connectionString: TEXT.replace('https', 'http') }, /not of the form/],
      [{ connectionString: TEXT.replace('.io', '.io/path') }, /not of the form/],
      [{ connectionString: TEXT.replace('.io', '.io:443') }, /not of the form/],
      [{ connectionString: TEXT.replace(/;Secret.*/, '') }, /not of the form/],
      [{ connectionString: TEXT.replace(';Id=', ';Id=a&b\r\nX: ') }, /not of the form/],
      [{ connectionString: TEXT, CONNECTION_STRING: `${TEXT}x` }, /mean the same/],
    ] as const) {
      const found = read(texts);
      expect(found.ok ? 'none' : found.problem).to.match(problem);
    }
  });

  it('never gets into a problem', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (value) => {
        const found = read({ connectionString: value });
        if (!found.ok && value.trim().length >= 12) expect(found.problem).not.to.include(value.trim());
      }),
    );
  });
});
