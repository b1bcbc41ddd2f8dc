import { expect } from 'chai';
import fc from 'fast-check';
import { RCODE, readQuestion, writeReply } from '../../../dev/azure/dns/message.ts';

describe('DNS messages', () => {
  it('are read or refused, never thrown over, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40, max: 5 }), (bytes) => {
        const question = readQuestion(Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...bytes]));
        if (question) {
          const reply = writeReply(question, { rcode: RCODE.NXDOMAIN, records: [] });
          expect(reply.readUInt16BE(0)).to.equal(question.id);
          expect(readQuestion(reply)?.name).to.equal(question.name);
        }
      }),
    );
  });

  it('leave the records out when they are truncated', () => {
    const message = Buffer.concat([
      Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      Buffer.from('\x01a\x00', 'latin1'),
      Buffer.from([0, 33, 0, 1]),
    ]);
    const question = readQuestion(message);
    if (!question) throw new Error('this is a question');
    const records = [{ target: 'b.c', port: 443, priority: 1, weight: 2 }];
    const cut = writeReply(question, { rcode: RCODE.NOERROR, truncated: true, records });
    const whole = writeReply(question, { rcode: RCODE.NOERROR, records });
    expect([cut.readUInt16BE(6), (cut.readUInt16BE(2) & 0x0200) !== 0]).to.deep.equal([0, true]);
    expect([whole.readUInt16BE(6), (whole.readUInt16BE(2) & 0x0200) !== 0]).to.deep.equal([1, false]);
  });
});
