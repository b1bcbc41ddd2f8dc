import { ANNOTATION_REFERENCES } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { flagsToWrite, type SelectedFlags } from '../../domain/content/feature-flags.ts';
import { ok, type Result } from '../../domain/failure.ts';
import { replaceFlags, type TreeFormat } from '../../domain/formats/flags-section.ts';
import { configMapInput, inputHash, secretInput } from '../../domain/input-hash.ts';
import { decodeReferences } from '../../domain/secrets/references.ts';
import { type DesiredTarget, desiredTarget } from '../../domain/targets/desired-target.ts';
import { carriesFlags, plainFormat } from '../../domain/targets/plan-targets.ts';
import { dataOf, previousFlags } from '../../domain/targets/previous-value.ts';
import { MAX_BYTES } from '../../domain/targets/render.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import { applyTarget } from './apply.ts';
import { certificateNames, recorded } from './inspect.ts';
import { NOTHING_LEFT } from './leave.ts';
import type { Tags } from './observe.ts';
import { readTarget } from './read-target.ts';
import { commonOf } from './render.ts';
import { remember, type Written } from './write.ts';

/** A target, and the file in it that holds flags, if one does. */
interface Holder {
  readonly status: TargetStatus;
  readonly format: TreeFormat | undefined;
  /** Whole where it holds flags, else not even looked at. */
  readonly object: TargetObject;
}

/** The targets as they stand, in the order of writing; undefined if one is not as the status records it. */
export async function readHolders(
  pass: PlannedPass,
  deps: Dependencies,
): Promise<Result<readonly Holder[] | undefined>> {
  const holders: Holder[] = [];
  for (const { kind, name, format } of wanted(pass)) {
    const status = recorded(pass, kind, name);
    if (status?.uid === undefined) return ok(undefined);
    const { uid, resourceVersion = '' } = status;
    const metadata = { name, namespace: pass.namespace, uid, resourceVersion };
    const read = format === undefined ? ok({ metadata }) : await readTarget(pass, kind, name, deps);
    if (!read.ok) return read;
    const found = read.value?.metadata;
    if (read.value === undefined || found?.uid !== uid || found.resourceVersion !== resourceVersion)
      return ok(undefined);
    holders.push({ status, format, object: read.value });
  }
  return ok(holders);
}

function wanted(pass: PlannedPass) {
  const { plan } = pass;
  const secret = plainFormat(plan.secret);
  const formatOf = (format: Parameters<typeof carriesFlags>[1]) =>
    carriesFlags(plan, format) ? format : undefined;
  return [
    ...(plan.secret ? [{ kind: 'Secret', name: plan.secret.name, format: formatOf(secret) } as const] : []),
    ...certificateNames(pass).map((name) => ({ kind: 'Secret', name, format: undefined }) as const),
    ...(plan.configMap
      ? [{ kind: 'ConfigMap', name: plan.configMap.name, format: formatOf(plan.configMap.format) } as const]
      : []),
  ];
}

/** Writes the files with `selected` in them; undefined where a file cannot be read back, or has become too large. */
export async function writeFlags(
  pass: PlannedPass,
  holders: readonly Holder[],
  selected: SelectedFlags,
  tags: Tags,
  deps: Dependencies,
): Promise<Result<Written> | undefined> {
  const planned = holders.map((holder) => ({
    holder,
    desired: withFlags(pass, holder, selected, tags, deps),
  }));
  if (planned.some(({ holder, desired }) => holder.format !== undefined && desired === undefined))
    return undefined;
  const applied: Applied[] = [];
  for (const { holder, desired } of planned) {
    const result = await writeOne(pass, holder, desired, deps);
    if (!result.ok) return result;
    applied.push(result.value);
  }
  return ok({ ...NOTHING_LEFT, applied, brandNew: false, complete: true });
}

async function writeOne(
  pass: PlannedPass,
  { object, status }: Holder,
  desired: DesiredTarget | undefined,
  deps: Dependencies,
): Promise<Result<Applied>> {
  if (desired === undefined) return ok({ status, object, action: 'unchanged', contentChanged: false });
  const result = await applyTarget(pass, desired, object, deps);
  if (result.ok) remember(pass, result.value, deps);
  return result;
}

function withFlags(
  pass: PlannedPass,
  { status: { kind, name }, format, object }: Holder,
  selected: SelectedFlags,
  tags: Tags,
  { hashKey }: Dependencies,
): DesiredTarget | undefined {
  if (format === undefined) return undefined;
  const before = dataOf(kind, object)[format.file] ?? '';
  const text = replaceFlags(
    before,
    format,
    flagsToWrite(selected, () => previousFlags(kind, object)),
  );
  if (text === undefined || Buffer.byteLength(text) > MAX_BYTES) return undefined;
  const target = { ...commonOf(pass), kind, name, format, data: { [format.file]: text } };
  if (kind === 'ConfigMap')
    return desiredTarget({ ...target, inputHash: inputHash(hashKey, configMapInput(pass.plan, tags)) });
  const references = object.metadata.annotations?.[ANNOTATION_REFERENCES];
  const records = decodeReferences(references);
  const type = pass.plan.secret?.type;
  if (records === undefined || type === undefined) return undefined;
  const hash = inputHash(hashKey, secretInput(pass.plan, tags, records));
  return desiredTarget({ ...target, type, references, inputHash: hash });
}
