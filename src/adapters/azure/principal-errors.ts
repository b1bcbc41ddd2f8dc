/**
 * What Entra's refusals of a client secret mean, by AADSTS number
 * (learn.microsoft.com/entra/identity-platform/reference-error-codes).
 */
import { blocked, type Failure } from '../../domain/failure.ts';
import { originOf, type ServicePrincipal } from '../../domain/identity.ts';
import type { EntraRefusal } from './entra-errors.ts';

type Explain = (refusal: EntraRefusal<ServicePrincipal>) => Failure;

const wrong: Explain = ({ identity }) =>
  blocked(
    'ClientSecretRejected',
    `Entra does not know the clientSecret in ${originOf(identity)} for application ${identity.clientId}: put the value (not the id) of one of its client secrets there; a changed Secret is used within the refresh interval.`,
  );

const expired: Explain = ({ identity }) =>
  blocked(
    'ClientSecretExpired',
    `The client secret of application ${identity.clientId} in ${originOf(identity)} has expired: create a new one and put its value there; a changed Secret is used within the refresh interval.`,
  );

export const PRINCIPAL: ReadonlyMap<number, Explain> = new Map<number, Explain>([
  [7000215, wrong],
  [7000222, expired],
]);
