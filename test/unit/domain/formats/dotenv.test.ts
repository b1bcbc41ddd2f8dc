import { parseEnv } from 'node:util';
import { expect } from 'chai';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { readDocument } from '../../../../src/domain/formats/document.ts';
import { writeDotEnvValue } from '../../../../src/domain/formats/dotenv.ts';
import type { FileFormat } from '../../../../src/domain/formats/format.ts';
import { render } from '../../../../src/domain/targets/render.ts';
import { awkwardTexts, FILE, values, written } from './values.ts';

const FORMAT: FileFormat = { kind: 'DotEnv', file: FILE };
const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);

describe('DotEnv', () => {
  it('writes values bare where every reader takes them so, Docker and kubectl among them', () => {
    const url = 'https://contoso.azconfig.io:443/a,b';
    expect(written(values({ B: url, A: '', C: 'a=b+c@d%' }), FORMAT)).to.equal(`A=\nB=${url}\nC=a=b+c@d%\n`);
  });

  const forms = {
    'two words': "'two words'",
    'a # b': "'a # b'",
    '$HOME $(x)': "'$HOME $(x)'",
    'line 1\nline 2': "'line 1\nline 2'",
    '{"a": "b\\n"}': `'{"a": "b\\n"}'`,
    "it's": `"it's"`,
    "it's\r\n# $5": `"it's\\r\n# $5"`,
    'C:\\\\share': 'C:\\\\share',
    'say "it\'s"': 'say "it\'s"',
    'end\\': 'end\\',
  };
  for (const [value, form] of Object.entries(forms)) {
    it(`writes ${JSON.stringify(value)} as ${JSON.stringify(form)}`, () => {
      expect(writeDotEnvValue(value)).to.equal(form);
    });
  }

  it('refuses a value that readers would not agree on, and names its key, never the value', () => {
    for (const value of ['"it\'s"', 'a\n"it\'s"', '\\\\ # x', '"a"\r', 'a\u0000', '\ud800']) {
      const result = render(values({ OK: 'x', HUNTER: value }), {
        format: FORMAT,
        invalid: 'Skip',
        target: 'Secret s',
      });
      if (result.ok || result.failure.kind !== 'blocked')
        throw new Error(`${JSON.stringify(value)} was written`);
      expect(result.failure.reason).to.equal('UnwritableValue');
      expect(result.failure.message).to.match(/value of "HUNTER": several lines/);
      expect(result.failure.message).to.not.contain("it's");
    }
  });

  it('is read back by dotenv, and by ourselves, as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(names, awkwardTexts), (settings) => {
        const writable = Object.fromEntries(
          Object.entries(settings).filter(([, value]) => writeDotEnvValue(value) !== undefined),
        );
        const out = written(values(writable), FORMAT);
        expect({ ...parse(out) }).to.deep.equal(writable);
        const lookup = readDocument(out, FORMAT);
        for (const [key, value] of Object.entries(writable)) expect(lookup(key)).to.deep.equal({ value });
      }),
      { numRuns: 1_000 },
    );
  });

  it("is read back by Node's own parser, too, unless there is a carriage return", () => {
    fc.assert(
      fc.property(fc.dictionary(names, awkwardTexts), (settings) => {
        const readable = Object.fromEntries(
          Object.entries(settings).filter(
            ([, value]) => writeDotEnvValue(value) !== undefined && !value.includes('\r'),
          ),
        );
        expect({ ...parseEnv(written(values(readable), FORMAT)) }).to.deep.equal(readable);
      }),
      { numRuns: 1_000 },
    );
  });

  it('can write any single line without # and quotes at its border', () => {
    const lines = fc.string({ unit: fc.constantFrom(...'ab"\'\\$ `=:') }).map((middle) => `x${middle}x`);
    fc.assert(fc.property(lines, (line) => void expect(writeDotEnvValue(line)).to.be.a('string')));
  });
});
