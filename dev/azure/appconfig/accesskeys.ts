import { randomBytes } from 'node:crypto';

/** One access key; the secret is base64 and its decoded bytes sign requests (A.13). */
export interface AccessKey {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
  /** A read-only key that writes is answered 403. */
  readonly readOnly: boolean;
}

const NAMES = ['Primary', 'Secondary', 'Primary Read Only', 'Secondary Read Only'] as const;

/** A store's four access keys, as the portal shows them; replicas share them (A.15). */
export class AccessKeys {
  /** "Local authentication": switched off, no key signs anything any more (A.13). */
  disabled = false;
  #keys: AccessKey[] = NAMES.map(newKey);

  list(): readonly AccessKey[] {
    return this.#keys;
  }

  byId(id: string): AccessKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }

  /** A new id and secret under the same name; undefined when there is no such key. The old ones stop at once. */
  regenerate(name: string): AccessKey | undefined {
    const at = this.#keys.findIndex((key) => key.name === name);
    if (at < 0) return undefined;
    const key = newKey(name);
    this.#keys[at] = key;
    return key;
  }

  /** Takes over keys from a seed. */
  replace(keys: readonly AccessKey[]): void {
    this.#keys = [...keys];
  }
}

function newKey(name: string): AccessKey {
  const id = randomBytes(3).toString('hex').toUpperCase();
  return { name, id, secret: randomBytes(32).toString('base64'), readOnly: name.endsWith('Read Only') };
}
