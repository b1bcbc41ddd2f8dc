import { startProgress } from '../../../dev/cluster/build/progress.ts';
import { until } from '../../../dev/cluster/wait.ts';

describe('the progress of a build', () => {
  it('tells from time to time how long it runs and what it does', async () => {
    const lines: string[] = [];
    const progress = startProgress((line) => lines.push(line), 5);
    const told = (text: string) =>
      until(() => lines.some((line) => /^\d+ s: /.test(line) && line.endsWith(text)), {
        what: text,
        everyMs: 1,
      });
    progress.note('go: downloading k8s.io/api v0.36.4');
    await told(' s: downloading k8s.io/api v0.36.4');
    progress.note('k8s.io/api/core/v1');
    progress.note('k8s.io/apimachinery/pkg/types');
    progress.note('# a remark of the compiler');
    await told(' s: compiling (2 packages so far), now k8s.io/apimachinery/pkg/types');
    progress.stop();
  });
});
