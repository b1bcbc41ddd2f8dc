/**
 * The loopback address of a pod: 127.x.y.1, 127.x.y.2, …
 *
 * On Linux all of 127.0.0.0/8 is loopback, so programs that bind the same port, each on its pod's
 * address, do not clash. x and y come from the API server's port, which is unique on this machine: the
 * pods of clusters side by side do not clash either. After 254 pods addresses are used again.
 */
export function podAddress(apiServerPort: number, index: number): string {
  const x = (Math.floor(apiServerPort / 254) % 254) + 1;
  const y = apiServerPort % 254;
  return `127.${x}.${y}.${(index % 254) + 1}`;
}
