/**
 * Label selectors as text, as a list takes them:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * Guarantees: what is taken here, an API server takes. The schema of the chart holds the same pattern, and Helm prints
 * it where a value does not match: it must be a regular expression of Go, too, which cannot look ahead, and short.
 */
const SPACE = ' *';
const NAME = String.raw`[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?`;
const KEY = `([a-z0-9]+((-+|[.])[a-z0-9]+)*/)?${NAME}`;
const COMMA = `${SPACE},${SPACE}`;
/** An empty member, as in `(a,)` and `()`, stands for the empty value. */
const VALUES = `[(]${SPACE}((,${SPACE})?${NAME}(${COMMA}${NAME})*(${SPACE},)?${SPACE})?[)]`;

const EQUALS = `${SPACE}(==?|!=)${SPACE}(${NAME})?`;
const COMPARES = `${SPACE}[<>]${SPACE}[0-9]{1,18}`;
const IS_ONE_OF = ` +(in|notin)${SPACE}${VALUES}`;
const REQUIREMENT = `(!${SPACE}${KEY}|${KEY}(${EQUALS}|${COMPARES}|${IS_ONE_OF})?)`;

/** The source of a regular expression; the empty selector is one, too. */
export const LABEL_SELECTOR = `^${SPACE}(${REQUIREMENT}(${COMMA}${REQUIREMENT})*${SPACE})?$`;

const pattern = new RegExp(LABEL_SELECTOR);

/** The text as it is; undefined where an API server would answer 400 to every list. */
export const parseLabelSelector = (text: string): string | undefined =>
  pattern.test(text) ? text : undefined;
