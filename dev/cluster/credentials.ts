import { generateKeyPair, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Who talks to the API server. All are in `system:masters`; the names differ so that the audit log
 * tells the control plane's own requests from those of a test.
 */
export const users = {
  admin: 'admin',
  launcher: 'dev-launcher',
  controllerManager: 'system:kube-controller-manager',
  scheduler: 'system:kube-scheduler',
  podRunner: 'system:node:pod-runner',
} as const;

/** Bearer tokens by role. */
export type Tokens = Readonly<Record<keyof typeof users, string>>;

/** Writes the token file and the ServiceAccount key pair that the API server starts with. */
export async function writeCredentials(folder: string): Promise<Tokens> {
  const tokens = {
    admin: randomToken(),
    launcher: randomToken(),
    controllerManager: randomToken(),
    scheduler: randomToken(),
    podRunner: randomToken(),
  };
  await Promise.all([
    writeFile(join(folder, 'tokens.csv'), tokenFile(tokens), { mode: 0o600 }),
    writeServiceAccountKeys(folder),
  ]);
  return tokens;
}

function randomToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Lines of token, user name, user id, groups, as `--token-auth-file` wants them. */
function tokenFile(tokens: Tokens): string {
  return (Object.keys(users) as (keyof typeof users)[])
    .map((role) => `${tokens[role]},${users[role]},${users[role]},"system:masters"\n`)
    .join('');
}

async function writeServiceAccountKeys(folder: string): Promise<void> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await Promise.all([
    writeFile(join(folder, 'sa.pub'), publicKey),
    writeFile(join(folder, 'sa.key'), privateKey, { mode: 0o600 }),
  ]);
}

/** What a kubeconfig says. */
export interface KubeconfigParts {
  readonly url: string;
  readonly caPem: string;
  readonly user: string;
  readonly token: string;
}

/** Writes a kubeconfig (JSON is YAML) that carries the CA and a token inline. */
export async function writeKubeconfig(
  file: string,
  { url, caPem, user, token }: KubeconfigParts,
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'dev',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user, namespace: 'default' } }],
    'current-context': 'dev',
  };
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
}
