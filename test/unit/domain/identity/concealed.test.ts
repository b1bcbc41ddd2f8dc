import { inspect } from 'node:util';
import { expect } from 'chai';
import { Concealed } from '../../../../src/domain/identity/concealed.ts';

describe('a concealed value', () => {
  it('is told by nothing but reveal', () => {
    const concealed = new Concealed({ secret: 's3cret' });
    const holder = { concealed, nested: [concealed] };
    for (const text of [
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true }),
      `${concealed}`,
      String(Object.values({ ...concealed })),
    ])
      expect(text).not.to.include('s3cret');
    expect(concealed.reveal()).to.deep.equal({ secret: 's3cret' });
  });
});
