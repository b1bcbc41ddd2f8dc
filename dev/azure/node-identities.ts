/** The managed identities of the pretend virtual machine, by client id. */
export class NodeIdentities {
  system: string | undefined;
  readonly user = new Set<string>();

  clear(): void {
    this.system = undefined;
    this.user.clear();
  }
}
