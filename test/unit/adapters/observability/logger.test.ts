import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { createLogger, type LogLevel } from '../../../../src/adapters/observability/logger.ts';
import { redact } from '../../../../src/adapters/observability/redact.ts';

describe('the log', () => {
  function setup(level: LogLevel = 'debug') {
    const stream = new PassThrough();
    const log = createLogger({ level, stream, now: () => Date.UTC(2026, 0, 1) });
    const text = (): string => stream.read()?.toString() ?? '';
    const lines = (): Record<string, unknown>[] =>
      text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    return { log, lines, text };
  }

  it('is one JSON object per line with time, level and message first', () => {
    const { log, text } = setup();
    log.info('Synced.', { binding: 'shop/orders' });
    expect(text()).to.equal(
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"Synced.","binding":"shop/orders"}\n',
    );
  });

  it('keeps below its level still', () => {
    const { lines, log } = setup('warn');
    log.info('no');
    log.warn('yes');
    expect(lines().map((line) => line.message)).to.deep.equal(['yes']);
  });

  it('adds the fields of a child to each line', () => {
    const { lines, log } = setup();
    log.child({ a: 1 }).child({ b: 2 }).error('x', { c: 3 });
    expect(lines()[0]).to.include({ a: 1, b: 2, c: 3 });
  });

  it('does not let a field named message, level or time change the line', () => {
    const { lines, log } = setup();
    log.info('real', { message: 'fake', level: 'fake', time: 'fake' });
    expect(lines()[0]).to.include({ message: 'real', level: 'info', time: '2026-01-01T00:00:00.000Z' });
  });

  it('keeps message and stack of a nested error, and of its cause', () => {
    const { lines, log } = setup();
    log.error('x', { inner: { error: new TypeError('outer', { cause: new Error('root') }) } });
    const [line] = lines();
    expect(line).to.have.nested.include({ 'inner.error.name': 'TypeError', 'inner.error.message': 'outer' });
    expect(line).to.have.nested.property('inner.error.stack').that.contains('logger.test.ts');
    expect(line).to.have.nested.include({ 'inner.error.cause.message': 'root' });
  });

  it('drops what hangs on an error', () => {
    const { log, text } = setup();
    log.error('x', {
      error: Object.assign(new Error('boom'), { response: 's3cret', extra: { data: 's3cret' } }),
    });
    expect(text()).to.contain('boom').and.not.contain('s3cret');
  });

  it('drops the text of errors that repeat what a server sent', () => {
    class ApiException extends Error {}
    const { log, text } = setup();
    const rest = Object.assign(new Error('Body: s3cret'), { name: 'RestError', code: 'Forbidden' });
    log.error('x', {
      a: new ApiException('HTTP-Code: 403 Body: s3cret'),
      b: new Error('y', { cause: rest }),
    });
    expect(text()).to.contain('Forbidden').and.not.contain('s3cret');
  });

  it('drops the text of errors of parsers, which repeats what they read', () => {
    const { log, text } = setup();
    try {
      JSON.parse('s3cret');
    } catch (error) {
      log.error('x', { error, outer: new Error('y', { cause: error }) });
    }
    expect(text()).to.contain('SyntaxError').and.not.contain('s3cret');
  });

  for (const name of [
    'value',
    'values',
    'data',
    'stringData',
    'token',
    'assertion',
    'client_assertion',
    'Authorization',
    'password',
    'secretValue',
    'clientSecret',
    'body',
  ]) {
    it(`redacts ${name}`, () => {
      const { log, text } = setup();
      log.info('x', { deep: [{ [name]: { inner: 's3cret' } }] });
      expect(text()).to.contain('[redacted]').and.not.contain('s3cret');
    });
  }

  it('leaves the objects of the caller as they were', () => {
    const { log } = setup();
    const error = Object.assign(new Error('boom'), { data: 'kept' });
    const fields = Object.freeze({ error, nested: Object.freeze({ token: 'kept' }) });
    log.info('x', fields);
    expect(fields.nested.token).to.equal('kept');
    expect(error.data).to.equal('kept');
  });

  it('writes BigInts, cycles, dates, maps and depths without fail', () => {
    const { lines, log } = setup();
    const loop: Record<string, unknown> = { big: 10n, map: new Map([['k', new Date(0)]]) };
    loop.self = loop;
    log.info('x', { loop, bytes: Buffer.from('s3cret'), fn: () => 1 });
    expect(lines()[0]).to.deep.include({
      loop: { big: '10', map: { k: '1970-01-01T00:00:00.000Z' }, self: '[circular]' },
      bytes: '[bytes]',
    });
  });

  it('survives a getter that throws', () => {
    const { lines, log } = setup();
    log.info('x', {
      bad: {
        get oops() {
          throw new Error('no');
        },
      },
    });
    expect(lines()[0]).to.include({ message: 'x' });
  });

  it('redacts secrets in whatever shape they hide', () => {
    const secret = 's3cret-canary';
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('value', 'token', 'data'), (shape, name) => {
        const copy = JSON.stringify(redact({ shape, hidden: [{ [name]: [secret, { shape, secret }] }] }));
        expect(copy).to.not.contain(secret);
      }),
    );
  });
});
