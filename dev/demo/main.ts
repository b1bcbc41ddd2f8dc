/**
 * `npm run demo [-- --keep]`: the operator on a real control plane and a pretend Azure, as its users see it.
 * Ends with 0 only if every claim held.
 */
import { ensureControlPlane } from '../cluster/build.ts';
import { aside, chapter, ending } from './narrator.ts';
import { type Stage, setStage } from './stage.ts';
import { tell } from './story.ts';

const keep = process.argv.includes('--keep');

const stopAsked = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  }
});
stopAsked.catch(() => {});

let stage: Stage | undefined;
try {
  await ensureControlPlane();
  chapter('A Kubernetes control plane and a pretend Azure start on this machine');
  stage = await setStage();
  aside(`API server ${stage.cluster.url}; Azure behind ${stage.azure.proxyUrl}`);
  await Promise.race([tell(stage), stopAsked]);
  ending('Every claim held.');
  if (keep) await Promise.race([untilStopped(stage), stopAsked]);
} catch (error) {
  if (!(keep && String(error).includes('stopped by'))) {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    if (stage !== undefined) process.stderr.write(await lastWords(stage));
    process.exitCode = 1;
  }
} finally {
  await stage?.stop();
}
process.exit();

function untilStopped({ cluster, azure }: Stage): Promise<never> {
  ending(
    [
      'It stays up until Ctrl-C. To play with it, in another terminal:',
      `  export KUBECONFIG=${cluster.kubeconfig} PATH=${cluster.env['PATH']?.split(':')[0]}:$PATH`,
      '  kubectl -n shop get acb -w',
      `  curl -s ${azure.controlUrl}/setSetting -d '{"store":"contoso","key":"orders:color","label":"prod","value":"red"}'`,
      '  kubectl -n shop annotate acb orders --overwrite appconfig.dev/refresh=$(date +%s)',
    ].join('\n'),
  );
  return new Promise(() => {});
}

/** What a person would look at first: the binding and the end of the operator's log. */
async function lastWords({ cluster, pods }: Stage): Promise<string> {
  const binding = await cluster.kubectl(['get', 'acb', '-A', '-o', 'yaml']);
  const names = await cluster.kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'], {
    namespace: 'appconfig-system',
  });
  const logs = await Promise.all(names.stdout.split(' ').map((name) => pods.logs(name)));
  return `${binding.stdout}\n${logs.join('\n').split('\n').slice(-20).join('\n')}\n`;
}
