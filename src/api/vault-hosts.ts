/** How hosts of vaults are written, in specs and in the operator's settings: lower case, so that equal is equal. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

export const VAULT_HOST = `^${LABEL}([.]${LABEL})+$`;
/** With * in the first label. */
export const VAULT_PATTERN = `^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?([.]${LABEL})+$`;
