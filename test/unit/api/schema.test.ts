import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { crd } from '../../../scripts/generate/crd.ts';
import { escapeTemplate } from '../../../scripts/generate/crd-files.ts';
import { toJsonSchema } from '../../../scripts/generate/json-schema.ts';
import { structural } from '../../../scripts/generate/structural.ts';
import { text } from '../../../src/api/fields.ts';
import { specSchema, withoutNulls } from '../../../src/api/schema.ts';
import { specs } from '../../support/arbitraries/binding.ts';

describe('the schema of a binding', () => {
  it('accepts every valid spec and gives it back as it was', () => {
    fc.assert(fc.property(specs, (spec) => expect(specSchema.parse(spec)).to.deep.equal(spec) !== undefined));
  });

  it('counts characters as the API server does, by code points', () => {
    const name = text({ description: 'x' }, 3);
    expect(name.safeParse('🙂🙂🙂').success).to.equal(true);
    expect(name.safeParse('🙂🙂🙂🙂').success).to.equal(false);
    expect(name.safeParse('').success).to.equal(false);
  });

  it('drops null members and nothing else', () => {
    expect(withoutNulls({ a: null, b: [null, { c: null, d: 0 }], e: '' })).to.deep.equal({
      b: [null, { d: 0 }],
      e: '',
    });
  });
});

describe('the generated CRD', () => {
  const everyNode = (
    node: unknown,
    visit: (node: Record<string, unknown>, path: string) => void,
    path = '',
  ): void => {
    if (typeof node !== 'object' || node === null) return;
    if (!Array.isArray(node)) visit(node as Record<string, unknown>, path);
    for (const [name, member] of Object.entries(node)) everyNode(member, visit, `${path}.${name}`);
  };
  const [version] = crd().spec.versions;

  it('has no defaults in what users write: GitOps tools would report a difference for ever', () => {
    const { status, ...written } = version?.schema.openAPIV3Schema.properties ?? {};
    everyNode({ written, members: status?.properties }, (node, path) => {
      if (!path.endsWith('.properties')) expect(node, path).to.not.have.any.keys('default', 'x-fallback');
    });
  });

  it('lets a new binding say that nobody has looked at it yet', () => {
    expect(version?.schema.openAPIV3Schema.properties.status.default).to.deep.equal({
      observedGeneration: -1,
    });
  });

  it('describes every field', () => {
    everyNode(version?.schema, (node, path) => {
      if (typeof node.type === 'string' && !path.endsWith('.metadata') && !path.endsWith('.properties')) {
        expect(node.description, path).to.be.a('string').and.to.match(/\.$/);
      }
    });
  });

  it('shows what the story needs in kubectl get, and more with -o wide', () => {
    const columns = version?.additionalPrinterColumns ?? [];
    const names = (wide: boolean) =>
      columns.filter(({ priority }) => (priority === 1) === wide).map(({ name }) => name);
    expect(names(false)).to.deep.equal(['Ready', 'Environment', 'Settings', 'Secrets', 'Rollout', 'Age']);
    expect(names(true)).to.deep.equal(['Store', 'Reason', 'Last Change']);
  });

  it('cannot be made from a schema that is not structural', () => {
    const described = z.string().meta({ description: 'x' });
    const broken: Record<string, z.ZodType> = {
      'keyword anyOf': z
        .object({ a: z.union([described, z.number()]).meta({ description: 'x' }) })
        .meta({ description: 'x' }),
      'keyword default': z
        .object({ a: z.string().default('x').meta({ description: 'x' }) })
        .meta({ description: 'x' }),
      'no description': z.object({ a: z.string() }).meta({ description: 'x' }),
      'no type': z.object({ a: z.any().meta({ description: 'x' }) }).meta({ description: 'x' }),
      'a list without a list type': z
        .object({ a: z.array(described).meta({ description: 'x' }) })
        .meta({ description: 'x' }),
      'CEL over a string without maxLength': described.meta({
        'x-kubernetes-validations': [{ rule: 'true', message: 'x' }],
      }),
      'keyword allOf': described.regex(/a/).regex(/b/).meta({ description: 'x' }),
    };
    for (const [why, schema] of Object.entries(broken)) {
      expect(() => structural(toJsonSchema(schema), 'spec'), why).to.throw(why);
    }
    const strict = z.strictObject({ a: described }).meta({ description: 'x' });
    expect(() => structural(toJsonSchema(strict), 'spec')).to.throw('properties and additionalProperties');
  });

  it('survives a template engine', () => {
    expect(escapeTemplate('a {{ b }}')).to.equal('a {{ "{{" }} b }}');
  });
});
