/** A label selector as `metav1.LabelSelector`, checked by the schema: all requirements must be met. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Of In and NotIn. */
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

export const selects = (
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels = {},
): boolean =>
  Object.entries(matchLabels).every(([key, value]) => own(labels, key) === value) &&
  matchExpressions.every((requirement) => meets(requirement, own(labels, requirement.key)));

/** As Kubernetes has it, `NotIn` is met by an object without the label. */
function meets({ operator, values = [] }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

const own = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
