import { isIP } from 'node:net';
import { CLOUD_NAMES, type CloudName } from '../domain/clouds.ts';
import { parseDuration } from '../domain/durations.ts';
import { isTenant } from '../domain/identity/entra-ids.ts';
import { isObjectName } from '../domain/keys.ts';
import type { LogLevel } from './settings.ts';

/** From the text of one setting to its value; undefined: it is none. */

/** `host:port`; the last colon separates, so that a bare IPv6 address from the downward API works. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  return isIP(host) !== 0 || /^[a-z0-9.-]+$/i.test(host) ? { host, port } : undefined;
}

/** As the resolver takes it: a host name would need a server to resolve it. */
export function parseDnsServer(text: string): string | undefined {
  if (text === '' || isIP(text) !== 0) return text;
  const { host, port } = parseAddress(text) ?? { host: '', port: 0 };
  if (isIP(host) === 0 || port === 0) return undefined;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One label of RFC 1123, in lower case. */
export const parseNamespace = (text: string): string | undefined =>
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) ? text : undefined;

/** Of a Lease or a Secret. */
export const parseObjectName = (text: string): string | undefined => (isObjectName(text) ? text : undefined);

export const parseCount = (text: string): number | undefined =>
  /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;

export const parseBudget = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined;

export const parseLevel = (text: string): LogLevel | undefined =>
  (['debug', 'info', 'warn', 'error'] as const).find((level) => level === text);

export const parseCloud = (text: string): CloudName | undefined => CLOUD_NAMES.find((name) => name === text);

/** Lower case; '' where none is given. */
export const parseTenant = (text: string): string | undefined =>
  text === '' || isTenant(text) ? text.toLowerCase() : undefined;

/** '' where none is given. */
export const parseAuthority = (text: string): string | undefined =>
  /^(https:\/\/[a-z0-9.-]+(:\d+)?\/?)?$/i.test(text) ? text.replace(/\/$/, '') : undefined;

export function parseInterval(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1_000 ? ms : undefined;
}
