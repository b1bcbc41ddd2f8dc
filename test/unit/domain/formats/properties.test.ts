import { expect } from 'chai';
import fc from 'fast-check';
import { getProperties } from 'properties-file';
import { readDocument } from '../../../../src/domain/formats/document.ts';
import type { FileFormat } from '../../../../src/domain/formats/format.ts';
import { awkwardKeys, awkwardTexts, FILE, JSON_TYPE, values, written } from './values.ts';

const FORMAT: FileFormat = { kind: 'Properties', file: FILE };

describe('Properties', () => {
  it('are one line for each key, in order, with a line feed at the end of each', () => {
    expect(written(values({ b: '2', a: '', c: null }), FORMAT)).to.equal('a=\nb=2\nc=\n');
    expect(written(new Map(), FORMAT)).to.equal('');
  });

  it('escape what would end a key, start a comment, or be no ASCII', () => {
    const out = written(values({ 'a b=c:d#!': 'x=y:z#!', é: '🙂\u00a0', '#k': 'a\\b' }), FORMAT);
    expect(out).to.equal(
      ['\\#k=a\\\\b', 'a\\ b\\=c\\:d\\#\\!=x=y:z#!', '\\u00e9=\\ud83d\\ude42\\u00a0', ''].join('\n'),
    );
  });

  it('keep leading spaces, trailing spaces and line breaks of a value', () => {
    expect(written(values({ a: '  x \r\n\ty\f' }), FORMAT)).to.equal('a=\\  x \\r\\n\\ty\\f\n');
  });

  it('hold JSON as the text that it is', () => {
    expect(written(values({ j: '{ "n": 1.0 }' }, JSON_TYPE), FORMAT)).to.equal('j={ "n": 1.0 }\n');
  });

  it('are read back by a standard parser, and by ourselves, as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(awkwardKeys, awkwardTexts), (settings) => {
        const out = written(values(settings), FORMAT);
        expect(out).to.match(/^[ -~\n]*$/);
        // The parser cannot hold this name.
        const { ['__proto__']: _, ...others } = settings;
        expect({ ...getProperties(out) }).to.deep.equal({ ...others });
        const lookup = readDocument(out, FORMAT);
        for (const [key, value] of Object.entries(settings)) expect(lookup(key)).to.deep.equal({ value });
      }),
    );
  });
});
