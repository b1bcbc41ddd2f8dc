import { ANNOTATION_CLIENT_ID, ANNOTATION_TENANT_ID } from '../../api/names.ts';
import { blocked, fail, ok, type Result } from '../failure.ts';
import { showText } from '../keys.ts';
import { isGuid, isTenant, TENANT_FORM } from './entra-ids.ts';
import type { WorkloadIdentity } from './identity.ts';
import { originsOf, type PlannedWorkloadIdentity } from './plan-identity.ts';

/** Of a text that is no id, in messages; a domain that is mistyped is seen whole as a rule. */
const SHOWN = 64;

interface Place {
  /** As messages call it: `ServiceAccount shop/orders`. */
  readonly called: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of the operator's settings; '' where they name none. */
  readonly fallbackTenant: string;
}

/**
 * The application that a ServiceAccount is to be. What the binding says overrides the annotations; the operator's
 * settings fill in the tenant. An annotation that holds nothing says nothing, and one that holds something else than an
 * id is told, not sent to Entra.
 *
 * Guarantees: ids are lower case, as Azure writes them: its lists are searched for them letter by letter.
 */
export function annotatedApplication(
  wanted: PlannedWorkloadIdentity,
  { called, annotations, fallbackTenant }: Place,
): Result<Pick<WorkloadIdentity, 'clientId' | 'tenantId' | 'origins'>> {
  const { clientId, tenantId, field } = wanted;
  const client = textOf(annotations, ANNOTATION_CLIENT_ID);
  const tenant = textOf(annotations, ANNOTATION_TENANT_ID);
  const ids = { clientId: clientId ?? client, tenantId: tenantId ?? (tenant || fallbackTenant) };
  if (!isGuid(ids.clientId)) {
    const remedy =
      client === ''
        ? `annotate it with ${ANNOTATION_CLIENT_ID}, or set ${field}.clientId`
        : `${wrong(ANNOTATION_CLIENT_ID, client, 'a GUID')}, or set ${field}.clientId`;
    return fail(blocked('ClientIdMissing', `${called} names no Entra application: ${remedy}`));
  }
  if (!isTenant(ids.tenantId)) {
    const remedy =
      tenant === ''
        ? `annotate it with ${ANNOTATION_TENANT_ID}, set ${field}.tenantId, or set the operator's --tenant-id`
        : `${wrong(ANNOTATION_TENANT_ID, tenant, TENANT_FORM)}, or set ${field}.tenantId`;
    return fail(blocked('TenantIdMissing', `${called} names no Entra tenant: ${remedy}`));
  }
  const origins = originsOf(wanted, { tenantId: tenant || undefined });
  return ok({ clientId: ids.clientId.toLowerCase(), tenantId: ids.tenantId.toLowerCase(), origins });
}

/** Without the white space that editors add. */
const textOf = (annotations: Place['annotations'], name: string): string => (annotations[name] ?? '').trim();

const wrong = (annotation: string, text: string, expected: string): string =>
  `its annotation ${annotation} holds ${showText(text, SHOWN)}, expected ${expected}: correct it`;
