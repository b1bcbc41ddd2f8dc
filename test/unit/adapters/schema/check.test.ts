import { expect } from 'chai';
import fc from 'fast-check';
import { check } from '../../../../src/adapters/schema/check.ts';

const SECRET = 'hunter2-very-secret';

const of = (schema: unknown, content: unknown) => check(JSON.stringify(schema), JSON.stringify(content));

/** `path problem` of each violation. */
function violations(schema: unknown, content: unknown): readonly string[] {
  const outcome = of(schema, content);
  if (outcome.kind !== 'breaks') throw new Error(JSON.stringify(outcome));
  return outcome.violations.map(({ path, problem }) => `${path.join('.')} ${problem}`);
}

function problem(schemaText: string): string {
  const outcome = check(schemaText, '{"a":"x"}');
  if (outcome.kind !== 'unusable') throw new Error(JSON.stringify(outcome));
  return outcome.problem;
}

describe('checking content against a schema', () => {
  it('lets content pass that fits, by the draft that the schema names', () => {
    expect(of({ properties: { a: { type: 'string' } } }, { a: 'x' })).to.deep.equal({ kind: 'fits' });
    expect(of(true, {})).to.deep.equal({ kind: 'fits' });
    // A tuple is written otherwise in each of them.
    const seven = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'number' }] };
    expect(of(seven, ['x']).kind).to.equal('breaks');
    const newest = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      prefixItems: [{ type: 'number' }],
    };
    expect(of(newest, ['x']).kind).to.equal('breaks');
    expect(of({ $schema: 'http://json-schema.org/draft-04/schema#', maximum: 3 }, 4).kind).to.equal('breaks');
  });

  it('names each key and what was asked of it', () => {
    const schema = {
      required: ['region', 'timeout'],
      properties: {
        timeout: { pattern: '^[0-9]+$' },
        retry: { properties: { limit: { type: 'integer', maximum: 5 } } },
        mode: { enum: ['a', 'b'] },
        name: { minLength: 3 },
        contact: { format: 'email' },
        fixed: { const: 'x' },
      },
      additionalProperties: false,
    };
    const content = {
      timeout: 'soon',
      retry: { limit: 7 },
      mode: SECRET,
      name: 'ab',
      contact: SECRET,
      fixed: SECRET,
      extra: SECRET,
    };
    expect(violations(schema, content)).to.have.members([
      'region is missing',
      'timeout must match ^[0-9]+$',
      'retry.limit must be at most 5',
      'mode must be one of the values that the schema lists',
      'name must have at least 3 characters',
      'contact must have the format email',
      'fixed must be the value that the schema names',
      'extra is not allowed',
    ]);
  });

  it('tells of alternatives as one, and follows references', () => {
    const schema = {
      $defs: { port: { type: 'string', pattern: '^[0-9]+$' } },
      properties: { a: { $ref: '#/$defs/port' }, b: { anyOf: [{ type: 'number' }, { type: 'null' }] } },
    };
    expect(violations(schema, { a: 'x', b: 'x' })).to.have.members([
      'a must match ^[0-9]+$',
      'b must fit one of the alternatives',
    ]);
  });

  it('shows names with slashes, tildes and percent signs as they are', () => {
    const key = 'a/b~c%d e';
    expect(violations({ properties: { [key]: { type: 'number' } } }, { [key]: 'x' })).to.deep.equal([
      `${key} must be of type number`,
    ]);
  });

  it('says what is wrong with a schema, without quoting it', () => {
    expect(problem('{')).to.include('not the JSON text');
    expect(problem('[]')).to.include('not the JSON text');
    expect(problem('{"$schema":"https://example.com/other"}')).to.include('$schema');
    expect(problem('{"properties":{"a":{"pattern":"("}}}')).to.include('no regular expression');
    expect(problem('{"$ref":"#/$defs/none"}')).to.include('leads nowhere');
    expect(problem('{"$ref":"https://example.com/schema"}')).to.include('only references within');
    expect(problem('{"$dynamicRef":"#a"}')).to.include('$dynamicRef');
    expect(problem('{"$ref":"#"}')).to.include('refers to itself without end');
  });

  it('shows at most ten', () => {
    const content = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, 'x']));
    const outcome = of({ additionalProperties: { type: 'number' } }, content);
    expect(outcome.kind === 'breaks' && outcome.violations.length).to.equal(10);
  });

  it('holds no value of the content in what it says, whatever the schema', () => {
    const keyword = fc.oneof(
      fc.record({ type: fc.constantFrom('number', 'object', 'array', 'null') }),
      fc.record({ const: fc.string() }),
      fc.record({ enum: fc.array(fc.string(), { minLength: 1 }) }),
      fc.record({ pattern: fc.constantFrom('^a$', '[0-9]{3}') }),
      fc.record({ maxLength: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ format: fc.constantFrom('date', 'uri', 'ipv4', 'uuid') }),
      fc.record({ not: fc.constant({}) }),
      fc.constant(false),
    );
    const schemas = fc.oneof(
      keyword.map((inner) => ({ properties: { key: inner } })),
      keyword.map((inner) => ({ patternProperties: { '^k': inner } })),
      keyword.map((inner) => ({ additionalProperties: inner })),
      keyword.map((inner) => ({ properties: { key: { anyOf: [inner, inner] } } })),
      keyword.map((inner) => ({ properties: { key: { allOf: [inner] } } })),
      keyword.map((inner) => ({ allOf: [{ if: false, else: { properties: { key: inner } } }] })),
      keyword.map((inner) => ({ unevaluatedProperties: inner })),
    );
    fc.assert(
      fc.property(schemas, (schema) => {
        const outcome = of(schema, { key: SECRET });
        expect(JSON.stringify(outcome)).not.to.include(SECRET);
        expect(outcome.kind).to.be.oneOf(['breaks', 'fits']);
      }),
    );
  });
});
