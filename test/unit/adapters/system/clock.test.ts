import { expect } from 'chai';
import { systemClock } from '../../../../src/adapters/system/clock.ts';

describe('the system clock', () => {
  it('fires after the delay, never synchronously', async () => {
    let fired = false;
    await new Promise<void>((resolve) => {
      systemClock.setTimer(0, () => {
        fired = true;
        resolve();
      });
      expect(fired).to.equal(false);
    });
    expect(fired).to.equal(true);
  });

  it('waits for delays beyond what setTimeout can hold', async () => {
    let fired = false;
    const timer = systemClock.setTimer(30 * 24 * 3_600_000, () => {
      fired = true;
    });
    await systemClock.sleep(5);
    timer.cancel();
    expect(fired).to.equal(false);
  });

  it('ends a sleep when the signal aborts, before or during it', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, controller.signal);
    controller.abort();
    await sleeping;
    await systemClock.sleep(3_600_000, controller.signal);
  });
});
