const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const DOMAIN_NAME = new RegExp(`^${LABEL}([.]${LABEL})*$`, 'i');
const MAX_LENGTH = 253;

/** One label or several, of letters, digits and hyphens, as names of hosts are (RFC 1123, section 2.1). */
export const isDomainName = (text: string): boolean => text.length <= MAX_LENGTH && DOMAIN_NAME.test(text);
