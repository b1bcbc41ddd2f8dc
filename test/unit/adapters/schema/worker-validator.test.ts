import { expect } from 'chai';
import { WorkerValidator } from '../../../../src/adapters/schema/worker-validator.ts';
import { systemClock } from '../../../../src/adapters/system/clock.ts';

const module = new URL('../../../../src/adapters/schema/worker.ts', import.meta.url);

/** Backtracks for longer than anyone waits. */
const EVIL = JSON.stringify({ properties: { a: { pattern: '^(a+)+$' } } });
const VICTIM = JSON.stringify({ a: `${'a'.repeat(60)}!` });
/** Each definition names the one before twice, and each error is kept. */
const LAUGHS = JSON.stringify({
  $defs: Object.fromEntries([
    ['d0', { anyOf: [{ type: 'number' }, { type: 'null' }] }],
    ...Array.from({ length: 40 }, (_, n) => [
      `d${n + 1}`,
      { anyOf: [{ $ref: `#/$defs/d${n}` }, { $ref: `#/$defs/d${n}` }] },
    ]),
  ]),
  $ref: '#/$defs/d40',
});

describe('the thread that checks schemas', function () {
  this.timeout(120_000);
  const made: WorkerValidator[] = [];
  const validator = (timeoutMs = 60_000): WorkerValidator => {
    const one = new WorkerValidator({ module, clock: systemClock, timeoutMs });
    made.push(one);
    return one;
  };
  afterEach(() => Promise.all(made.splice(0).map((one) => one.close())));

  it('answers, one check after the other', async () => {
    const one = validator();
    const schema = JSON.stringify({ properties: { a: { type: 'string' } } });
    const outcomes = await Promise.all([
      one.validate(schema, '{"a":"x"}'),
      one.validate(schema, '{"a":1}'),
      one.validate('{', '{}'),
    ]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['fits', 'breaks', 'unusable']);
  });

  it('gives up on a pattern that backtracks without end, goes on answering, and never blocks this thread', async () => {
    const one = validator(3_000);
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 50);
    const outcome = await one.validate(EVIL, VICTIM);
    clearInterval(turning);
    expect(outcome).to.deep.include({ kind: 'too-costly' });
    expect(turns).to.be.greaterThan(10);
    made.push(one);
    expect(await validator().validate('true', '{}')).to.deep.equal({ kind: 'fits' });
    expect(await one.validate('true', '{}')).to.deep.equal({ kind: 'fits' });
  });

  for (const [trouble, bad] of [
    ['cannot be started', new URL('http://127.0.0.1/worker.ts')],
    ['ends before it is ready', new URL('./absent.ts', module)],
  ] as const)
    it(`says so when its thread ${trouble}, never rejects, and checks again with the next one`, async () => {
      const modules = [bad];
      const one = new WorkerValidator({
        clock: systemClock,
        get module() {
          return modules.pop() ?? module;
        },
      });
      made.push(one);
      const outcomes = await Promise.all([one.validate('true', '{}'), one.validate('true', '{}')]);
      expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['unchecked', 'fits']);
    });

  it('gives up on references that multiply, by time or by memory, and this process lives on', async () => {
    const one = validator(20_000);
    expect((await one.validate(LAUGHS, '"x"')).kind).to.equal('too-costly');
    expect(await one.validate('true', '{}')).to.deep.equal({ kind: 'fits' });
    expect(process.memoryUsage().rss).to.be.lessThan(1_500_000_000);
  });
});
