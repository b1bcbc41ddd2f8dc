import { expect } from 'chai';
import { type Command, parseCommand, type RunOptions } from '../../../bench/arguments.ts';

const KNOWN = ['first-sync', 'idle'];
const parse = (...argv: string[]): Command => parseCommand(argv, KNOWN);
const options = (...argv: string[]): RunOptions => {
  const command = parse(...argv);
  if (command.kind !== 'run') throw new Error(`not a run: ${JSON.stringify(command)}`);
  return command.options;
};
const errors = (...argv: string[]): readonly string[] => {
  const command = parse(...argv);
  return command.kind === 'wrong' ? command.errors : [];
};

describe('the command line of a bench', () => {
  it('runs everything in the small size unless told otherwise', () => {
    const { scenarios, size, foreign, concurrency, bindings } = options();
    expect({ scenarios, size, foreign, concurrency, bindings }).to.deep.equal({
      scenarios: [],
      size: 'small',
      foreign: undefined,
      concurrency: 16,
      bindings: undefined,
    });
  });

  it('takes scenarios as a list and as repeated flags', () => {
    expect(options('--scenario', 'idle,first-sync').scenarios).to.deep.equal(['idle', 'first-sync']);
    expect(options('--scenario=idle', '--scenario=first-sync').scenarios).to.have.length(2);
  });

  it('tells all that is wrong at once', () => {
    const told = errors('--scenario=idel', '--size=huge', '--bindings=0', '--operator-command=x');
    expect(told).to.deep.equal([
      'no such scenario: idel',
      '--size is small or full',
      '--bindings is a positive whole number',
      '--operator-command and --operator-binding go together',
    ]);
  });

  it('refuses flags that it does not know', () => {
    expect(errors('--sise=small')[0]).to.include('--sise');
  });

  it('shows help and the list before it looks at the rest', () => {
    expect(parse('--help', '--size=huge').kind).to.equal('help');
    expect(parse('--list').kind).to.equal('list');
  });

  it('describes another operator', () => {
    const { foreign } = options(
      '--operator-command=/opt/other --kubeconfig {kubeconfig}',
      '--operator-binding=binding.yaml',
      '--operator-manifests=crd.yaml,roles.yaml',
      '--operator-env=LEVEL=a=b',
      '--operator-name=other',
    );
    expect(foreign).to.deep.equal({
      name: 'other',
      command: ['/opt/other', '--kubeconfig', '{kubeconfig}'],
      manifests: ['crd.yaml', 'roles.yaml'],
      binding: 'binding.yaml',
      readyUrl: '',
      dataKey: '{key}',
      env: { LEVEL: 'a=b' },
    });
  });
});
