import { subjectOf } from '../../domain/identity.ts';
import {
  compareKeys,
  enableApplication,
  type Federated,
  findApplication,
  nameTenant,
  publishIssuer,
  trustServiceAccount,
} from '../../domain/remedies/federation.ts';
import type { EntraRefusal } from './entra-errors.ts';

type Commands = readonly string[] | undefined;
type Repair = (account: Federated, refusal: EntraRefusal) => Commands;

/** Nothing is guessed: without the issuer of the token there is no command. */
const trust: Repair = (account, { claims: { issuer, audience } }) =>
  issuer === undefined || audience === undefined
    ? undefined
    : trustServiceAccount(account, { issuer, audience, subject: subjectOf(account) });

const ofIssuer =
  (commands: (issuer: string) => Commands): Repair =>
  (_, { claims: { issuer } }) =>
    issuer === undefined ? undefined : commands(issuer);

const REPAIRS: ReadonlyMap<number, Repair> = new Map<number, Repair>([
  [70025, trust],
  [70021, trust],
  [700211, trust],
  [700212, trust],
  [700213, trust],
  [7002138, trust],
  [700016, findApplication],
  [7000112, enableApplication],
  [90002, nameTenant],
  [900023, nameTenant],
  [700027, ofIssuer(compareKeys)],
  [90061, ofIssuer(publishIssuer)],
  [50166, ofIssuer(publishIssuer)],
]);

/** What to run after a refusal of Entra, where running something helps. */
export function entraRemedy(refusal: EntraRefusal): Commands {
  const repair = REPAIRS.get(refusal.code ?? 0);
  return repair?.(refusal.identity, refusal);
}
