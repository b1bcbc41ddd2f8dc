import type { Obstacle } from '../../ports/kubernetes.ts';

/** DNS subdomain names (RFC 1123), as the names of these objects must be. */
const NAME = '([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)';

/**
 * Texts of kube-apiserver 1.36, which have been the same for years and are the only place where it names what stood in
 * the way. A text that changes costs the name in a message, nothing else.
 */
const TEXTS: readonly (readonly [Obstacle['kind'], RegExp])[] = [
  ['quota', new RegExp(`exceeded quota: ${NAME}, requested: `)],
  ['policy', new RegExp(`ValidatingAdmissionPolicy '${NAME}' with binding `)],
  ['webhook', new RegExp(`admission webhook "${NAME}" denied the request`)],
  ['unreachable-webhook', new RegExp(`failed calling webhook "${NAME}": `)],
];

/** What the message of a Status names as the reason of a refusal. Of the text only the name is taken, never data. */
export function obstacleIn(message: string): Obstacle | undefined {
  for (const [kind, text] of TEXTS) {
    const name = text.exec(message)?.[1];
    if (name !== undefined) return { kind, name };
  }
  return undefined;
}
