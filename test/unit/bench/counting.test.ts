import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AuditLine,
  completeLines,
  countByUser,
  readsOf,
  writesOf,
} from '../../../bench/measure/audit-tail.ts';
import { cpuSeconds, mebibytes } from '../../../bench/measure/process-usage.ts';

const line = (verb: string, resource: string, subresource?: string): AuditLine => ({
  verb,
  stage: 'ResponseComplete',
  user: { username: 'operator' },
  objectRef: { resource, ...(subresource === undefined ? {} : { subresource }) },
});

describe('what a bench counts', () => {
  it('counts requests by user, verb and resource', () => {
    const lines = [line('get', 'secrets'), line('get', 'secrets'), line('patch', 'bindings', 'status')];
    expect(countByUser(lines).get('operator')).to.deep.equal({
      'get secrets': 2,
      'patch bindings/status': 1,
    });
  });

  it('leaves the Lease and token requests out of reads and writes', () => {
    const counts = {
      'get leases': 5,
      'update leases': 5,
      'create serviceaccounts/token': 3,
      'list configmaps': 1,
      'get secrets': 2,
      'create events': 4,
      'patch bindings/status': 1,
    };
    expect([readsOf(counts), writesOf(counts)]).to.deep.equal([3, 5]);
  });

  it('reads every line of a growing log once, wherever the reading begins and stops', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,8}$/), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.nat(), (texts, stop) => {
        const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const early = whole.subarray(0, stop % (whole.length + 1));
        const [begin, end] = completeLines(early, 0);
        const from = Math.max(0, end - 1);
        const rest = whole.subarray(from);
        const [next, last] = completeLines(rest, end);
        const seen = early.toString('utf8', begin, end) + rest.toString('utf8', next, last);
        expect(seen).to.equal(whole.toString());
      }),
    );
  });

  it('skips the half line at which it begins', () => {
    // The log is "first\nsecond\n", and reading began at offset 3: the byte before is there, too.
    const bytes = Buffer.from('rst\nsecond\n');
    const [begin, end] = completeLines(bytes, 3);
    expect(bytes.toString('utf8', begin, end)).to.equal('second\n');
  });

  it('reads the CPU time of a process whose name has blanks and brackets', () => {
    const fields = Array.from({ length: 20 }, (_, index) => String(index));
    // State is field 3, so user and system time, 14 and 15, are the 12th and 13th after the name.
    fields[11] = '150';
    fields[12] = '50';
    expect(cpuSeconds(`42 (a (strange) name) ${fields.join(' ')}`)).to.equal(2);
  });

  it('reads memory in MiB, and 0 of a process that is gone', () => {
    expect(mebibytes('VmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n', 'VmRSS')).to.equal(2);
    expect(mebibytes('', 'VmRSS')).to.equal(0);
  });
});
