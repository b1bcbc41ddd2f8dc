/** The columns of the matrix. */
export interface Policy {
  readonly creationPolicy: 'Owner' | 'Merge';
  readonly deletionPolicy: 'Delete' | 'Retain';
}

export const POLICIES = {
  ownerDelete: { creationPolicy: 'Owner', deletionPolicy: 'Delete' },
  ownerRetain: { creationPolicy: 'Owner', deletionPolicy: 'Retain' },
  mergeDelete: { creationPolicy: 'Merge', deletionPolicy: 'Delete' },
  mergeRetain: { creationPolicy: 'Merge', deletionPolicy: 'Retain' },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof POLICIES;
export const POLICY_NAMES = Object.keys(POLICIES) as PolicyName[];
