import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { blocked, cancelled, fail, ok, throttled } from '../../../src/domain/failure.ts';
import { identityStatus } from '../../../src/domain/identity/identity.ts';
import { referenceUri } from '../../../src/domain/secrets/references.ts';
import type { ListAnswer, SecretAnswer } from '../../../src/ports/azure.ts';
import { auditList, auditReads, RECORDS_PER_LINE } from '../../../src/reconcile/audit.ts';
import { requestId } from '../../../src/reconcile/request-id.ts';
import { RecordingLogger, SeededRandom } from '../../support/memory-cluster/index.ts';
import { identityOf, VAULT } from '../sources/fixtures.ts';

const OTHER = 'other.vault.azure.net';
const reference = (name: string, vault = VAULT) => ({ vault, name });

/** The lines that answers lead to. */
function linesOf(answers: readonly (readonly [ReturnType<typeof reference>, SecretAnswer])[]) {
  const logger = new RecordingLogger();
  const byUri = new Map(answers.map(([wanted, answer]) => [referenceUri(wanted), answer]));
  const references = answers.map(([wanted]) => wanted);
  auditReads({ logger, requestId: 'own' }, references, identityOf('a'), byUri);
  return logger.lines;
}

describe('the audit of reads from vaults', () => {
  const value = { value: 'never-log-me', version: 'v1' };

  it('tells identity, vault, name, version and the id of the request, and no value', () => {
    const [line, ...rest] = linesOf([[reference('db'), { result: ok(value), requestId: 'theirs' }]]);
    expect(rest).to.deep.equal([]);
    expect(line).to.deep.include({ level: 'info', message: 'Secrets were read from a vault.' });
    expect(line?.fields).to.deep.equal({
      requestId: 'own',
      identity: identityStatus(identityOf('a')),
      vault: VAULT,
      reads: [{ name: 'db', version: 'v1', requestId: 'theirs', outcome: 'ok' }],
    });
    expect(JSON.stringify(line)).to.not.include('never-log-me');
  });

  it('tells refusals by their reason, with the version that was asked for', () => {
    const pinned = { ...reference('db'), version: 'f'.repeat(32) };
    const refused = { result: fail(blocked('VaultForbidden', 'no')), requestId: 'r' };
    const [line] = linesOf([[pinned, refused]]);
    expect(line?.fields['reads']).to.deep.equal([
      { name: 'db', version: pinned.version, requestId: 'r', outcome: 'VaultForbidden' },
    ]);
  });

  it('tells a list by the number of its secrets, and a refusal of it by its reason', () => {
    const logger = new RecordingLogger();
    const secret = { name: 'never-log-me', enabled: true, updatedAt: 0, managed: false, tags: {} };
    const pass = { logger, requestId: 'own' };
    const listed = (answer: ListAnswer) => auditList(pass, VAULT, identityOf('a'), answer);
    listed({ result: ok([secret, secret]), requestId: 'theirs' });
    listed({ result: fail(blocked('VaultForbidden', 'no')), requestId: 'theirs' });
    listed({ result: fail(cancelled) });
    listed({ result: fail(throttled('VaultThrottled', 'wait', 1)) });
    const common = { identity: identityStatus(identityOf('a')), vault: VAULT };
    expect(logger.lines.map(({ fields }) => fields)).to.deep.equal([
      { ...common, requestId: 'theirs', listed: 2, outcome: 'ok' },
      { ...common, requestId: 'theirs', outcome: 'VaultForbidden' },
      { ...common, requestId: 'own', outcome: 'cancelled' },
    ]);
  });

  it('has the messages and fields that the queries of the guide look for', () => {
    const logger = new RecordingLogger();
    const pass = { logger, requestId: 'own' };
    const answer = { result: ok(value), requestId: 'r' };
    const [one, db] = [identityOf('a'), reference('db')];
    auditReads(pass, [db], one, new Map([[referenceUri(db), answer]]));
    auditList(pass, VAULT, one, { result: ok([]), requestId: 'r' });
    const guide = readFileSync('docs/guide/audit.md', 'utf8');
    const named = (pattern: RegExp) => new Set([...guide.matchAll(pattern)].map(([, name = '']) => name));
    const messages = new Set(logger.lines.map(({ message }) => message));
    expect(named(/message\)? == "([^"]+)"/g)).to.deep.equal(messages);
    // What the logger adds.
    const fields = new Set(
      logger.lines.flatMap((line) => ['time', 'message', 'binding', ...Object.keys(line.fields)]),
    );
    expect([...named(/\bline\.(\w+)/g)].filter((name) => !fields.has(name))).to.deep.equal([]);
    const [read] = logger.lines.flatMap((line) => Object(line.fields['reads'] ?? []));
    expect(read).to.include.keys(...named(/\bread\.(\w+)/g));
    expect(logger.lines[0]?.fields['identity']).to.include.keys(...named(/\bidentity\.(\w+)/g));
  });

  it('says nothing where no request was made', () => {
    expect(
      linesOf([[reference('db'), { result: fail(throttled('VaultThrottled', 'wait', 1)) }]]),
    ).to.deep.equal([]);
  });

  it('tells of a request that was given up, since the vault may have answered it', () => {
    const [line] = linesOf([[reference('db'), { result: fail(cancelled) }]]);
    expect(line?.fields['reads']).to.deep.equal([{ name: 'db', requestId: 'own', outcome: 'cancelled' }]);
  });

  it('writes a line for each vault, and no line that a container runtime would cut', () => {
    const many = Array.from({ length: 2 * RECORDS_PER_LINE + 1 }, (_, at) => {
      const name = String(at).padStart(127, 'n');
      return [reference(name), { result: ok({ ...value, version: 'f'.repeat(32) }), requestId: ID }] as const;
    });
    const lines = linesOf([...many, [reference('db', OTHER), { result: ok(value), requestId: ID }]]);
    expect(lines.map(({ fields }) => [fields['vault'], [fields['reads']].flat().length])).to.deep.equal([
      [VAULT, RECORDS_PER_LINE],
      [VAULT, RECORDS_PER_LINE],
      [VAULT, 1],
      [OTHER, 1],
    ]);
    for (const line of lines) expect(JSON.stringify(line).length).to.be.lessThan(15_000);
  });
});

const ID = '01234567-89ab-4def-8123-456789abcdef';

describe('the id of a pass', () => {
  it('is a random UUID of version 4, another one each time', () => {
    const random = new SeededRandom(7);
    const ids = Array.from({ length: 1_000 }, () => requestId(random));
    for (const id of ids)
      expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).to.equal(ids.length);
  });
});
