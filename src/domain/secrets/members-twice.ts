import { ordinal, showKey } from '../keys.ts';
import { type ReferenceRecords, referenceOf } from './references.ts';

/** Several secrets that are expanded have a member for one key. */
export interface MemberTwice {
  readonly key: string;
  /** In ordinal order; the value of the last one is used. */
  readonly givers: readonly Giver[];
}

interface Giver {
  /** Final key of the reference. */
  readonly key: string;
  readonly uri: string;
}

/**
 * The keys that more than one expanded secret gives. A key that a reference has for itself is not among them: to give
 * that, too, is a failure of the secret that is expanded.
 */
export function membersTwice(records: ReferenceRecords): readonly MemberTwice[] {
  const members = [...records].flatMap(([key, { reference: uri, made }]) =>
    (made?.keys ?? []).filter((member) => !records.has(member)).map((member) => ({ member, key, uri })),
  );
  const ordered = members.toSorted((a, b) => ordinal(a.member, b.member) || ordinal(a.key, b.key));
  return [...Map.groupBy(ordered, ({ member }) => member)].flatMap(([key, all]) =>
    all.length < 2 ? [] : [{ key, givers: all.map(({ key: giver, uri }) => ({ key: giver, uri })) }],
  );
}

const SHOWN = 5;

/** Names of keys and secrets, and no value. */
export function memberTwiceMessage({ key, givers }: MemberTwice): string {
  const named = givers.slice(-SHOWN).map(described).join(', ');
  const more = givers.length > SHOWN ? ` and ${givers.length - SHOWN} more` : '';
  const used = showKey(givers.at(-1)?.key ?? '');
  return `the secrets of ${named}${more} are expanded and all give key ${showKey(key)}; that of ${used} is used`;
}

function described({ key, uri }: Giver): string {
  const { vault, name } = referenceOf(uri) ?? {};
  return name === undefined ? showKey(key) : `${showKey(key)} (${name} of ${vault})`;
}
