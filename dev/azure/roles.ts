/**
 * Role assignments: who may do what on one store or vault.
 *
 * Azure assigns roles to object ids, never to client ids; effect here is immediate (the service may take 15 minutes).
 * `Owner` and `Contributor` alone give no data access (A.13), so only data-plane roles exist.
 */
export const ROLES = {
  AppConfigurationDataReader: { id: '516239f1-63e1-4d78-a4de-a74fb236a071', actions: ['appconfig:read'] },
  AppConfigurationDataOwner: {
    id: '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
    actions: ['appconfig:read', 'appconfig:write'],
  },
  KeyVaultSecretsUser: {
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    actions: ['secrets:get', 'secrets:list'],
  },
  KeyVaultSecretsOfficer: {
    id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    actions: ['secrets:get', 'secrets:list', 'secrets:set', 'secrets:delete'],
  },
} as const;

export type RoleName = keyof typeof ROLES;
export type DataAction = (typeof ROLES)[RoleName]['actions'][number];

/** One assignment; `host` is the store's or vault's DNS name. */
export interface RoleAssignment {
  readonly role: RoleName;
  readonly objectId: string;
  readonly host: string;
}

export class RoleAssignments {
  readonly #assigned = new Map<string, RoleAssignment>();

  assign(assignment: RoleAssignment): void {
    this.#assigned.set(keyOf(assignment), assignment);
  }

  /** False when there was no such assignment. */
  remove(assignment: RoleAssignment): boolean {
    return this.#assigned.delete(keyOf(assignment));
  }

  removeHost(host: string): void {
    for (const [key, assignment] of this.#assigned) if (assignment.host === host) this.#assigned.delete(key);
  }

  list(): RoleAssignment[] {
    return [...this.#assigned.values()];
  }

  clear(): void {
    this.#assigned.clear();
  }

  allows(objectId: string, host: string, action: DataAction): boolean {
    return ROLE_NAMES.some(
      (role) =>
        this.#assigned.has(keyOf({ role, objectId, host })) &&
        (ROLES[role].actions as readonly string[]).includes(action),
    );
  }
}

const ROLE_NAMES = Object.keys(ROLES) as RoleName[];

function keyOf({ role, objectId, host }: RoleAssignment): string {
  return `${role} ${objectId} ${host}`;
}
