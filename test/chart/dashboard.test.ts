import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { readPanels } from '../../dev/dashboard/dashboard.ts';
import { answersOf, PICTURE, picture, RECORDING } from '../../dev/dashboard/picture.ts';
import { readRecording } from '../../dev/dashboard/recording.ts';

/** Building the engine of Prometheus takes minutes, once. */
const BUILD_MS = 1_200_000;

describe('the dashboard of the chart, asked of a recorded run', function () {
  this.timeout(BUILD_MS);

  it('has an answer in every panel, and the picture of the guide is drawn from these', async () => {
    const [panels, recording] = await Promise.all([readPanels(), readRecording(RECORDING)]);
    const answers = await answersOf(panels, recording);
    const empty = panels.filter((_, index) => !answers[index]?.some(({ line }) => line.points.length > 0));
    expect(empty.map(({ title }) => title)).to.deep.equal([]);
    const text = await readFile(PICTURE, 'utf8');
    expect(picture(panels, answers, recording) === text, 'run node dev/dashboard/main.ts').to.equal(true);
  });
});
