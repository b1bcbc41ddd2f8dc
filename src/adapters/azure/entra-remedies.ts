import {
  type Application,
  type ServicePrincipal,
  subjectOf,
  type WorkloadIdentity,
} from '../../domain/identity/identity.ts';
import {
  compareKeys,
  enableApplication,
  findApplication,
  nameTenant,
  publishIssuer,
  trustServiceAccount,
} from '../../domain/remedies/federation.ts';
import { nameApplication, nameTenantOf, newClientSecret } from '../../domain/remedies/principal.ts';
import type { AssertionClaims } from './assertion-claims.ts';
import type { EntraRefusal } from './entra-refusal.ts';

type Commands = readonly string[] | undefined;
type FederationRepair = (identity: WorkloadIdentity, claims: AssertionClaims) => Commands;

/** Nothing is guessed: without the issuer of the token there is no command. */
const trust: FederationRepair = (identity, { issuer, audience }) =>
  issuer === undefined || audience === undefined
    ? undefined
    : trustServiceAccount(identity, { issuer, audience, subject: subjectOf(identity) });

const ofIssuer =
  (commands: (issuer: string) => Commands): FederationRepair =>
  (_, { issuer }) =>
    issuer === undefined ? undefined : commands(issuer);

const FEDERATION: ReadonlyMap<number, FederationRepair> = new Map<number, FederationRepair>([
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

const PRINCIPAL: ReadonlyMap<number, (identity: ServicePrincipal) => Commands> = new Map([
  [7000215, newClientSecret],
  [7000222, newClientSecret],
  [700016, nameApplication],
  [7000112, enableApplication],
  [90002, nameTenantOf],
  [900023, nameTenantOf],
]);

/** The codes that there are commands for, by the kind of identity that is refused. */
export const REPAIRED: Readonly<Record<Application['kind'], readonly number[]>> = {
  WorkloadIdentity: [...FEDERATION.keys()],
  ServicePrincipal: [...PRINCIPAL.keys()],
};

/** What to run after a refusal of Entra, where running something helps. */
export function entraRemedy({ identity, claims, code = 0 }: EntraRefusal): Commands {
  switch (identity.kind) {
    case 'WorkloadIdentity':
      return FEDERATION.get(code)?.(identity, claims);
    case 'ServicePrincipal':
      return PRINCIPAL.get(code)?.(identity);
  }
}
