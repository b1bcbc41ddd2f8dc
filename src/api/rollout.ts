import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import {
  amount,
  anyText,
  choice,
  duration,
  flag,
  list,
  matches,
  objectName,
  text,
  textMap,
} from './fields.ts';
import { annotate, type Rule, ruled } from './rules.ts';

/** `spec.rollout`: which workloads are restarted when the content of a target changes, and when. */

const workload = z
  .object({
    kind: choice({ description: 'Deployment, StatefulSet or DaemonSet.' }, [
      'Deployment',
      'StatefulSet',
      'DaemonSet',
    ]),
    name: objectName({ description: 'Its name, in this namespace.' }),
  })
  .meta(annotate({ description: 'One workload.' }));

/** Kubernetes syntax of a label's name: an optional domain, `/`, and up to 63 characters. */
const LABEL_NAME = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';

type Expression = { readonly operator: string; readonly values?: readonly string[] | undefined };

const expressionRules: readonly Rule<Expression>[] = [
  {
    cel: "self.operator in ['In', 'NotIn'] ? has(self.values) : !has(self.values)",
    message: 'In and NotIn need values; Exists and DoesNotExist have none: add or remove values',
    holds: ({ operator, values }) => (operator === 'In' || operator === 'NotIn') === (values !== undefined),
  },
];

const expression = ruled(
  z.object({
    key: text(
      { description: 'The name of a label.' },
      BOUNDS.labelName,
      matches(
        LABEL_NAME,
        'must be the name of a label, such as app or example.com/team: letters, digits, "-", "_" and ".", starting and ending with a letter or digit',
      ),
    ),
    operator: choice({ description: 'How the label is compared.' }, [
      'In',
      'NotIn',
      'Exists',
      'DoesNotExist',
    ]),
    values: list(
      { description: 'For In and NotIn: the values.' },
      anyText({ description: 'A value.' }, BOUNDS.labelValue),
      BOUNDS.selectorValues,
    ).exactOptional(),
  }),
  expressionRules,
  { description: 'One requirement.' },
);

const selector = ruled(
  z.object({
    matchLabels: textMap(
      { description: 'Labels with their values.' },
      BOUNDS.selectorTerms,
      BOUNDS.labelName,
    ).exactOptional(),
    matchExpressions: list(
      { description: 'Further requirements.' },
      expression,
      BOUNDS.selectorTerms,
    ).exactOptional(),
  }),
  [
    {
      cel: 'has(self.matchLabels) || has(self.matchExpressions)',
      message:
        'set matchLabels or matchExpressions: an empty selector would restart every workload of the namespace',
      holds: ({ matchLabels, matchExpressions }) =>
        matchLabels !== undefined || matchExpressions !== undefined,
    },
  ],
  {
    description:
      'With restart Selected: the workloads whose labels (their own, not those of their pods) meet all of it.',
    fallback: 'none by label',
  },
);

export const rollout = ruled(
  z.object({
    restart: choice(
      {
        description:
          'Auto: Deployments, StatefulSets and DaemonSets of this namespace whose pods read a changed key only at their start are restarted. Selected: those named by workloads and selector, and no others. Never: nothing is restarted.',
        fallback: DEFAULTS.restart,
      },
      ['Auto', 'Selected', 'Never'],
    ).exactOptional(),
    workloads: list(
      {
        description:
          'With restart Selected: workloads by name. One whose pods read targets, by volumes too, is restarted when a key that they read changes; one in which no use of a target is found, when any key changes.',
        fallback: 'none by name',
      },
      workload,
      BOUNDS.workloads,
    ).exactOptional(),
    selector: selector.exactOptional(),
    includeVolumes: flag({
      description:
        'With restart Auto, true: keys that pods read through volumes count, too, for applications that do not read changed files again.',
      fallback: String(DEFAULTS.includeVolumes),
    }).exactOptional(),
    minInterval: duration(
      {
        description:
          'A workload is restarted once in this time; changes that come meanwhile are one restart at its end. Restarts for other bindings count.',
        fallback: DEFAULTS.minInterval,
      },
      BOUNDS.minIntervalMin,
    ).exactOptional(),
    maxConcurrent: amount(
      {
        description:
          'How many workloads roll out at a time: the next one is restarted when one before it is complete. One that does not become ready stops those after it until it recovers, content changes again, or a refresh is asked for.',
        fallback: String(DEFAULTS.maxConcurrent),
      },
      1,
      BOUNDS.maxConcurrent,
    ).exactOptional(),
    dryRun: flag({
      description: 'true: the status tells what would be restarted, and nothing is.',
      fallback: String(DEFAULTS.dryRun),
    }).exactOptional(),
  }),
  [
    {
      cel: "!has(self.restart) || self.restart != 'Selected' || has(self.workloads) || has(self.selector)",
      message: 'restart Selected needs workloads or selector: name what is restarted',
      holds: ({ restart, workloads, selector: labels }) =>
        restart !== 'Selected' || workloads !== undefined || labels !== undefined,
    },
    {
      cel: "(has(self.restart) && self.restart != 'Auto') || (!has(self.workloads) && !has(self.selector))",
      message:
        'workloads and selector count only with restart Selected: set restart: Selected, or remove them',
      holds: ({ restart, workloads, selector: labels }) =>
        (restart !== undefined && restart !== 'Auto') || (workloads === undefined && labels === undefined),
    },
    {
      cel: "!has(self.restart) || self.restart != 'Selected' || !has(self.includeVolumes)",
      message: 'with restart Selected volumes always count: remove includeVolumes',
      holds: ({ restart, includeVolumes }) => restart !== 'Selected' || includeVolumes === undefined,
    },
  ],
  { description: 'What happens to workloads when the content of a target changes.' },
);
