// QEMU up to 7.1: each side of a queue has a timer in place of a bottom half. Expected times are sums of what leads to them.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/model/clock.js';
import type { Costs } from '../../src/model/costs.js';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { MainLoop } from '../../src/model/device/main-loop.js';
import { TimerList } from '../../src/model/device/timer-list.js';
import { Host } from '../../src/model/host.js';
import { DeviceLock } from '../../src/model/lock.js';
import { KIND } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';
import { load, play } from '../support/loads.js';
import { BATCHED, COSTS, ConstantService, D, FREE_WRITE, FixedWork, PATIENT_HOST, QEMU, type Run, T, oneByOne, run, times } from '../support/machine.js';
import { holds } from '../support/property.js';

const QEMU_71 = DEVICES.find(({ name }) => name === 'qemu-7.1')!;
const AFTER = QEMU_71.sideTimerNs!;
const KICK = 90;

describe('a list of timers', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => Object.assign(() => {}, { task: name }));

  test('those that are due leave earliest first, equal ones in the order in which they were set', () => {
    const timers = new TimerList();
    timers.set(a!, 30);
    timers.set(b!, 10);
    timers.set(c!, 10);
    expect(timers.firstDueNs).toBe(10);
    expect(timers.takeDue(9)).toEqual([]);
    expect(timers.takeDue(29)).toEqual([b, c]);
    expect(timers.firstDueNs).toBe(30);
  });

  test('setting one again puts it off, or brings it forward; it runs once', () => {
    const timers = new TimerList();
    timers.set(a!, 10);
    timers.set(b!, 20);
    timers.set(a!, 30);
    expect(timers.takeDue(20)).toEqual([b]);
    timers.set(a!, 25);
    expect(timers.takeDue(30)).toEqual([a]);
    expect(timers.firstDueNs).toBe(Infinity);
  });
});

describe('the main loop', () => {
  /** A loop that takes `wakeNs` to wake; `log` holds what ran, and when. */
  function loopOf(wakeNs: number, costs: Partial<Costs> = {}): { clock: Clock; lock: DeviceLock; loop: MainLoop; log: string[]; task: (name: string, spentNs?: number, then?: (nowNs: number) => void) => (nowNs: number) => void } {
    const clock = new Clock();
    const service = new ConstantService({ wake: wakeNs, kick: KICK });
    const lock = new DeviceLock(clock, () => 0);
    const loop = new MainLoop({ clock, host: new Host(clock, PATIENT_HOST), lock, service, costs: { ...COSTS, ...costs }, extraWakeNs: 0, idle: () => log.push(`sleeps ${clock.nowNs}`) });
    const log: string[] = [];
    const task = (name: string, spentNs = 0, then?: (nowNs: number) => void) => (nowNs: number): void => {
      log.push(`${name} ${nowNs}`);
      then?.(nowNs);
      loop.end(spentNs, nowNs);
    };
    return { clock, lock, loop, log, task };
  }

  test('runs timers behind the bottom halves of an iteration, and lets go of the lock only then', () => {
    const { clock, lock, loop, log, task } = loopOf(1_000);
    const late = loop.timed(700);
    const early = loop.timed(500);
    late.schedule(task('late', 5), 0);
    early.schedule(task('early', 7), 0);
    loop.schedule(task('half 1', 11), 0);
    loop.schedule(task('half 2', 13), 0);
    clock.at(1_001, clock.addActor((_, nowNs) => lock.acquire((takenNs) => (log.push(`vCPU ${takenNs}`), 0), nowNs)), 0);
    clock.run(1_000);
    // Waking the vCPU costs the loop something, behind all of it.
    expect(log).toEqual(['half 2 1000', 'half 1 1013', 'early 1024', 'late 1031', 'vCPU 1036', `sleeps ${1036 + KICK}`]);
  });

  test('each iteration takes its time, the first one what there is to do behind a sleep', () => {
    const { clock, loop, log, task } = loopOf(40, { dispatchNs: 30, iterationNs: 20 });
    const turns = loop.timed(500);
    const later = task('timer', 3);
    loop.schedule(task('half', 7, (nowNs) => (loop.enqueue(task('next half', 5)), turns.enqueue(later, nowNs))), 0);
    clock.run(1_000);
    const half = 40 + 30;
    const nextHalf = half + 7 + 20;
    const timer = half + 500 + 20;
    expect(log).toEqual([`half ${half}`, `next half ${nextHalf}`, `timer ${timer}`, `sleeps ${timer + 3}`]);
  });

  test('a timer that becomes due while it works runs in that iteration; one that a timer sets, in a later one', () => {
    const { clock, loop, log, task } = loopOf(0);
    const turns = loop.timed(100);
    const at0 = loop.timed(0);
    const again = task('again', 3);
    const timer = task('timer', 2, (nowNs) => at0.enqueue(again, nowNs));
    loop.schedule(task('half', 150, (nowNs) => (turns.enqueue(timer, nowNs), loop.enqueue(task('next half', 1)))), 0);
    clock.run(1_000);
    expect(log).toEqual(['half 0', 'timer 150', 'next half 152', 'again 153', 'sleeps 156']);
  });

  test('whom a timer finds asleep it needs nobody to wake, and nobody pays for it', () => {
    const { clock, loop, log, task } = loopOf(40);
    const turns = loop.timed(500);
    turns.schedule(task('first', 0, (nowNs) => turns.enqueue(task('second'), nowNs)), 0);
    const kicks: number[] = [];
    const ask = clock.addActor((_, nowNs) => kicks.push(loop.kickNs(nowNs)));
    // While it waits for the first timer, for the second one, and for nothing.
    for (const atNs of [300, 700, 5_000]) clock.at(atNs, ask, 0);
    clock.run(1_000);
    expect(log).toEqual(['first 500', 'second 1000', 'sleeps 1000']);
    expect(kicks).toEqual([0, 0, KICK]);
  });
});

/** On QEMU 7.1, with `changed` times. */
function on(batches: readonly number[], window: number, changed: Partial<Record<keyof typeof T, number>>, { shadow = false, transport = FREE_WRITE, batch = Infinity, device = QEMU_71 } = {}): Run {
  const work = new FixedWork(batches, window, { afterSubmit: 0 });
  const { sqPolicy, cqPolicy } = device;
  return run([{ work }], { device, driver: BATCHED, sqPolicy, cqPolicy, shadow, transport, service: new ConstantService(changed, batch) });
}

describe('QEMU 7.1', () => {
  const first = (result: Run): number => times(result, 'command.fetch')[0]!;

  test('both sides wait 500 ns', () => {
    expect(AFTER).toBe(500);
    expect(DEVICES.filter(({ sideTimerNs }) => sideTimerNs !== undefined)).toEqual([QEMU_71]);
  });

  test('a doorbell wakes the main loop at once: waking and the timer go side by side', () => {
    expect(first(run([{ work: oneByOne(1) }], { device: QEMU_71 }))).toBe(D + Math.max(AFTER, T.wake));
    expect(first(on([1], 1, { wake: 300 }))).toBe(D + AFTER);
  });

  test('each doorbell sets the timer anew', () => {
    const transport = { ...FREE_WRITE, vcpuNs: 300, deliveryNs: 200 };
    const [one, two] = [200, 300 + 200];
    expect(first(on([1], 1, { wake: 0 }, { transport }))).toBe(one + AFTER);
    const both = on([1, 1], 2, { wake: 0 }, { transport });
    expect(times(both, 'doorbell.mmio', { side: 'sq' })).toEqual([one, two]);
    expect(times(both, 'command.fetch')).toEqual([two + AFTER, two + AFTER + T.fetch]);
  });

  test('a completion is posted 500 ns after the main loop is done with it', () => {
    const result = on([1], 1, {});
    const completes = D + T.wake + T.fetch + T.backend;
    expect(times(result, 'command.complete')).toEqual([completes]);
    expect(times(result, 'interrupt')).toEqual([completes + T.complete + AFTER + T.interrupt]);
  });

  test('each completion sets the timer anew: what a bottom half posts one by one comes together', () => {
    const changed = { backend: 300, complete: 0 };
    const interrupts = (device: typeof QEMU, batches: readonly number[]): readonly number[] => times(on(batches, 8, changed, { batch: 1, device }), 'interrupt');
    const done = D + T.wake + 4 * T.fetch;
    const last = done + 4 * changed.backend;
    expect(interrupts(QEMU_71, [4])).toEqual([last + AFTER + T.interrupt]);
    expect(interrupts(QEMU, [4])).toHaveLength(4);
  });

  test('whatever the load, no interrupt comes within 500 ns of a completion on its queue; with bottom halves they do', () => {
    let close = 0;
    const closeOnes = (events: readonly PlainEvent[]): number => {
      const completes = new Map<number, number>();
      let found = 0;
      for (const { kind, queue, timeNs } of events) {
        if (kind === KIND['command.complete']) completes.set(queue, timeNs);
        else if (kind === KIND.interrupt && timeNs - completes.get(queue)! < AFTER) found += 1;
      }
      return found;
    };
    holds(
      fc.property(load, (some) => {
        const onDevice = (device: typeof QEMU): Run => play({ ...some, device: { ...device, accepts: some.driver.buffers.command } });
        const timed = onDevice(QEMU_71);
        expect(timed).toMatchObject({ stalls: [], runaway: false });
        expect(closeOnes(timed.events)).toBe(0);
        close += closeOnes(onDevice(QEMU).events);
      }),
      100,
    );
    expect(close).toBeGreaterThan(0);
  });
});
