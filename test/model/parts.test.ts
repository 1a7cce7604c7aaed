// The small parts of the machine: clock, lock, shared words, bus.

import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/model/clock.js';
import { DeviceLock } from '../../src/model/lock.js';
import { DoorbellBuffers, wordIndex } from '../../src/model/memory.js';
import { cidAt } from '../../src/model/queue-pair.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import { FREE_WRITE, V, oneByOne, run } from '../support/machine.js';

test('the clock handles events by time, equal times in the order in which they were scheduled', () => {
  const clock = new Clock();
  const log: string[] = [];
  const actors = ['a', 'b'].map((name) => clock.addActor((message, nowNs) => log.push(`${name}${message} ${nowNs}`)));
  clock.at(20, actors[0]!, 1);
  clock.at(10, actors[1]!, 2);
  clock.at(20, actors[1]!, 3);
  expect(clock.run(10)).toBe(true);
  expect(log).toEqual(['b2 10', 'a1 20', 'b3 20']);
  expect([clock.nowNs, clock.handled]).toEqual([20, 3]);
});

test('the clock never goes back', () => {
  const clock = new Clock();
  const late = clock.addActor(() => clock.at(99, late, 0));
  clock.at(100, late, 0);
  expect(() => clock.run(10)).toThrow('an event at 99 ns is in the past of 100 ns');
  expect(() => clock.at(NaN, late, 0)).toThrow('internal error');
});

test('the clock stops after as many events as it may handle', () => {
  const clock = new Clock();
  let handled = 0;
  const forever = clock.addActor((_, nowNs) => {
    handled += 1;
    clock.at(nowNs + 1, forever, 0);
  });
  clock.at(0, forever, 0);
  expect(clock.run(5)).toBe(false);
  expect(handled).toBe(5);
});

test('a handler goes on where its event would be the next, and stays within as many events as may be handled', () => {
  const clock = new Clock();
  const log: number[] = [];
  const actor = clock.addActor((_, nowNs) => {
    let atNs = nowNs;
    do log.push(atNs);
    while (clock.goOn((atNs += 10), clock.takeTurn()));
    clock.at(atNs, actor, 0);
  });
  const other = clock.addActor(() => log.push(NaN));
  clock.at(0, actor, 0);
  clock.at(20, other, 0);
  expect(clock.run(5)).toBe(false);
  // At 20 the other one has its turn first.
  expect(log).toEqual([0, 10, NaN, 20, 30]);
  expect(clock.nowNs).toBe(40);
});

describe('the lock', () => {
  const WAKE = 7;
  const HOLD = 3;

  /** A lock whose waiters hold it for HOLD ns and write down when they got it. */
  function bench(): { clock: Clock; lock: DeviceLock; log: string[]; ask: (name: string, nowNs: number) => void } {
    const clock = new Clock();
    const lock = new DeviceLock(clock, () => WAKE);
    const log: string[] = [];
    const ask = (name: string, nowNs: number): void =>
      lock.acquire((gotNs) => {
        log.push(`${name} ${gotNs}`);
        return HOLD;
      }, nowNs);
    return { clock, lock, log, ask };
  }

  test('is had at once when it is free', () => {
    const { lock, log, ask } = bench();
    ask('a', 1);
    expect(log).toEqual(['a 1']);
    expect(lock.freeForDeviceNs(2)).toBe(1 + HOLD);
  });

  test('is had after the release and the time to wake up, one after the other', () => {
    const { clock, lock, log, ask } = bench();
    lock.take();
    ask('a', 2);
    ask('b', 3);
    expect(lock.release(10)).toBe(10 - 2);
    clock.run(100);
    const first = 10 + WAKE;
    expect(log).toEqual([`a ${first}`, `b ${first + HOLD + WAKE}`]);
  });

  test('is not had when the device has it again by then; the next release wakes once more', () => {
    const { clock, lock, log, ask } = bench();
    lock.take();
    ask('a', 2);
    lock.release(10);
    lock.take();
    clock.run(100);
    expect(log).toEqual([]);
    lock.release(30);
    clock.run(100);
    expect(log).toEqual([`a ${30 + WAKE}`]);
  });

  test('nobody is woken when nobody waits', () => {
    const { lock } = bench();
    lock.take();
    expect(lock.release(5)).toBeNaN();
  });
});

test('the shared words lie as in the pages: SQ 0, CQ 0, SQ 1, CQ 1', () => {
  expect([0, 1, 2].flatMap((qid) => [wordIndex(qid, 'sq'), wordIndex(qid, 'cq')])).toEqual([0, 1, 2, 3, 4, 5]);
  const { shadow, eventIdx } = new DoorbellBuffers(2);
  expect([shadow.length, eventIdx.length]).toEqual([6, 6]);
  expect([...shadow, ...eventIdx].every((word) => word === 0)).toBe(true);
});

test('identifiers are 16 bits and differ among as many commands as a queue can hold', () => {
  expect([cidAt(0), cidAt(65_535), cidAt(65_536)]).toEqual([0, 65_535, 0]);
});

test('no transport delivers a write after the vCPU went on: newer shadow values would overtake it', () => {
  for (const { vcpuNs, deliveryNs } of TRANSPORTS) expect(deliveryNs).toBeLessThanOrEqual(vcpuNs);
  const slow = { ...FREE_WRITE, deliveryNs: V + 1 };
  expect(() => run([{ work: oneByOne(1) }], { transport: slow })).toThrow('delivers a write after the vCPU went on');
});
