import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { VERSION } from '../../src/version.ts';

describe('the version', () => {
  it('is the same in the program, in package.json and in the chart', () => {
    const chart = parse(readFileSync('charts/appconfig-operator/Chart.yaml', 'utf8'));
    const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
    expect([manifest.version, chart.version, chart.appVersion]).to.deep.equal([VERSION, VERSION, VERSION]);
  });
});
