/** TLS verification errors of OpenSSL and Node that mean "the certificate is not trusted". */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ISSUER/;

/**
 * A transport error code as words with a remedy, without a final stop. `code` is an errno, an OpenSSL or a Node
 * error code.
 */
export function describeNetwork(code: string): string {
  if (code === 'ETIMEDOUT') return 'no answer in time (firewall, proxy or network policy?)';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (code === 'EAI_AGAIN') return 'its name cannot be resolved right now';
  if (code === 'ENOTFOUND') return 'its name does not resolve';
  if (code.startsWith('ERR_PROXY'))
    return `the proxy opens no connection to it (${code}): check that the name exists and that the proxy allows it`;
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted (${code}); behind an inspecting proxy, give the operator the proxy's CA`;
  }
  return code === 'UNKNOWN' ? 'the connection failed' : `the connection failed (${code})`;
}
