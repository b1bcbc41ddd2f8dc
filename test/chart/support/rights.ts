import type { AuditEvent } from '../../../dev/cluster/audit.ts';
import type { Manifest, Rule } from './chart.ts';

/** Rights as `verb resource.group`, granted by roles or exercised in an audit log, each once and sorted. */

export const grantedBy = (objects: readonly Manifest[], kind: 'Role' | 'ClusterRole', name: string) =>
  sorted(
    objects
      .filter((object) => object.kind === kind && object.metadata.name === name)
      .flatMap(({ rules }) => rules ?? [])
      .flatMap(spread),
  );

const spread = ({ apiGroups, resources, verbs }: Rule): readonly string[] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => right(verb, resource, group))),
  );

export const exercisedIn = (events: readonly AuditEvent[]) =>
  sorted(
    events.flatMap(({ verb, objectRef }) => {
      if (objectRef?.resource === undefined) return [];
      const { apiGroup, resource, subresource } = objectRef;
      return [right(verb, subresource === undefined ? resource : `${resource}/${subresource}`, apiGroup)];
    }),
  );

const right = (verb: string, resource: string, group = ''): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;

const sorted = (rights: readonly string[]): readonly string[] => [...new Set(rights)].sort();
