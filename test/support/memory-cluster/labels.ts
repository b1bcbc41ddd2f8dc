import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Label selectors: `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b,c)`, joined by commas.
 * @throws on anything else.
 */
export function labelMatcher(selector: string | undefined): (object: KubernetesObject) => boolean {
  if (!selector) return () => true;
  // Commas inside parentheses separate values, not requirements.
  const requirements = selector.split(/,(?![^(]*\))/).map((text) => requirement(text.trim()));
  return ({ metadata: { labels = {} } }) => requirements.every((holds) => holds(labels));
}

function requirement(text: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(text);
  if (set !== null)
    return setRequirement(
      set[1] ?? '',
      set[2] === 'in',
      (set[3] ?? '').split(',').map((v) => v.trim()),
    );
  const equality = /^([^\s=!,]+)\s*(=|==|!=)\s*([^\s=!,]*)$/.exec(text);
  if (equality !== null) return setRequirement(equality[1] ?? '', equality[2] !== '!=', [equality[3] ?? '']);
  const exists = /^(!?)([^\s=!,()]+)$/.exec(text);
  if (exists === null)
    throw new Error(`The memory cluster does not understand the label selector "${text}".`);
  return (labels) => Object.hasOwn(labels, exists[2] ?? '') === (exists[1] === '');
}

/** A missing label satisfies `!=` and `notin`. */
const setRequirement = (key: string, included: boolean, values: readonly string[]) => (labels: Labels) => {
  const value = labels[key];
  return (value !== undefined && values.includes(value)) === included;
};
