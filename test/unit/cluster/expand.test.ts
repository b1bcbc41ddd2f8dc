import { expect } from 'chai';
import fc from 'fast-check';
import { expandVariables } from '../../../dev/cluster/pods/expand.ts';

describe('expansion of $(NAME) in args and env', () => {
  const variables = { POD_IP: '127.1.0.1', PORT: '8081', EMPTY: '' };
  const cases: [string, string][] = [
    ['--health-address=$(POD_IP):$(PORT)', '--health-address=127.1.0.1:8081'],
    ['$(EMPTY)', ''],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(POD_IP)', '$(POD_IP)'],
    ['$$$(PORT)', '$8081'],
    ['$(POD_IP', '$(POD_IP'],
    ['$POD_IP and $', '$POD_IP and $'],
    ['$(toString)', '$(toString)'],
  ];
  for (const [text, expected] of cases) {
    it(`turns ${text} into ${expected || 'nothing'}`, () => {
      expect(expandVariables(text, variables)).to.equal(expected);
    });
  }

  it('leaves a text without a dollar sign as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => expandVariables(text, variables) === text,
      ),
    );
  });

  it('does not expand what an expansion brought in', () => {
    expect(expandVariables('$(A)', { A: '$(B)', B: 'no' })).to.equal('$(B)');
  });
});
