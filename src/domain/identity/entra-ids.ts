import { GUID_PATTERN } from '../../api/fields.ts';
import { isDomainName } from '../domain-names.ts';

/** What can be an id of Entra, in upper or lower case. */

const GUID = new RegExp(GUID_PATTERN);

/** As client ids are. */
export const isGuid = (text: string): boolean => GUID.test(text);

/** What {@link isTenant} takes, for messages. */
export const TENANT_FORM = 'a GUID or a domain name such as contoso.onmicrosoft.com';

/**
 * A tenant is named by its id or by one of its domains (learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints).
 * Those have a dot: `common` and `organizations` are no tenants.
 */
export const isTenant = (text: string): boolean => isGuid(text) || (text.includes('.') && isDomainName(text));
