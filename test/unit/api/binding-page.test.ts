import { expect } from 'chai';
import { bindingPage } from '../../../scripts/generate/binding-page.ts';
import { crd } from '../../../scripts/generate/crd.ts';

/** Messages of all rules that the API server checks below `node`. */
function messagesIn(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { 'x-kubernetes-validations': rules = [] } = node as {
    'x-kubernetes-validations'?: readonly { readonly message: string }[];
  };
  return [...rules.map(({ message }) => message), ...Object.values(node).flatMap(messagesIn)];
}

describe('the reference page of the binding', () => {
  const page = bindingPage()[0]?.content ?? '';

  it('names every rule of the CRD: of fields, of the whole spec, of the object, and of values of maps', () => {
    const messages = messagesIn(crd());
    expect(messages).to.include('set store, or name secrets in keyVault.secrets or vaults in keyVault.all');
    expect(messages.filter((message) => !page.includes(message))).to.deep.equal([]);
  });

  it('tells the bounds of every text, list and map, also where nothing is enough', () => {
    expect(page).to.include('| `spec.keys.replace[].to` | string | **required** | 0 to 64 characters |');
    expect(page).to.match(/`spec\.target\.labels` \| map of strings \|[^|]*\| 0 to 16 entries \|/);
    expect(page).to.match(/`spec\.selectors\[\]\.tags` \| map of strings \|[^|]*\| 1 to 5 entries \|/);
    expect(page).not.to.include('undefined');
  });
});
