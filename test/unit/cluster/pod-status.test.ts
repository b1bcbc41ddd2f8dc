import { expect } from 'chai';
import type { ContainerReport, ContainerState } from '../../../dev/cluster/pods/state.ts';
import { podPhase, podStatus } from '../../../dev/cluster/pods/status.ts';

const time = '2026-01-01T00:00:00Z';
const running = (ready: boolean): ContainerState => ({
  kind: 'running',
  startedAt: time,
  started: true,
  ready,
});
const waiting = (reason: string): ContainerState => ({ kind: 'waiting', reason, message: '' });
const ended = (exitCode: number): ContainerState => ({
  kind: 'terminated',
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  startedAt: time,
  finishedAt: time,
});
const containers = (...states: ContainerState[]): ContainerReport[] =>
  states.map((state, index) => ({ name: `c${index}`, image: 'x', restartCount: 0, state }));

describe('the phase of a pod', () => {
  const cases: [string, ContainerState[], string][] = [
    ['all containers run', [running(true), running(false)], 'Running'],
    ['one container is not made yet', [running(true), waiting('ContainerCreating')], 'Pending'],
    ['a container crashes again and again', [waiting('CrashLoopBackOff')], 'Running'],
    ['all containers ended well', [ended(0), ended(0)], 'Succeeded'],
    ['one of them failed', [ended(0), ended(2)], 'Failed'],
    ['one of them still runs', [ended(0), running(true)], 'Running'],
  ];
  for (const [situation, states, phase] of cases) {
    it(`is ${phase} when ${situation}`, () => expect(podPhase(containers(...states))).to.equal(phase));
  }
});

describe('the status of a pod', () => {
  const pod = { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: { containers: [] } };
  const status = (state: ContainerState, previous: Parameters<typeof podStatus>[2] = [], now = time) => {
    const report = {
      podIp: '127.1.0.1',
      hostIp: '127.0.0.1',
      startTime: time,
      containers: containers(state),
    };
    return podStatus(pod, report, previous, now);
  };
  const condition = (of: ReturnType<typeof status>, type: string) =>
    of.conditions.find((one) => one.type === type);

  it('is Ready only when every container is ready', () => {
    expect(condition(status(running(true)), 'Ready')?.status).to.equal('True');
    expect(condition(status(running(false)), 'Ready')?.status).to.equal('False');
    expect(condition(status(waiting('CrashLoopBackOff')), 'Ready')?.status).to.equal('False');
  });

  it('keeps the time of a condition that has not changed', () => {
    const later = '2026-01-01T00:01:00Z';
    const before = status(running(false));
    const after = status(running(true), before.conditions, later);
    expect(condition(after, 'Initialized')?.lastTransitionTime).to.equal(time);
    expect(condition(after, 'Ready')?.lastTransitionTime).to.equal(later);
  });

  it('says why a finished pod is not ready', () => {
    expect(condition(status(ended(0)), 'Ready')?.reason).to.equal('PodCompleted');
  });
});
