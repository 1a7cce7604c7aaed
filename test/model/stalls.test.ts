// A policy that loses a wake-up stalls. A run never hangs: it ends and says where the work stands.

import { describe, expect, test } from 'vitest';
import { advance } from '../../src/nvme/ring.js';
import { cqArmWhenFull, cqNever, cqTailMinusOne } from '../../src/model/policy/cq.js';
import { BARRIER, type CqPolicy, type PolicyStep, REREAD, type SqPolicy, publish } from '../../src/model/policy/policy.js';
import { armWhenEmpty, followTail } from '../../src/model/policy/sq.js';
import { D, FixedWork, R, type Run, T, V, leisurely, oneByOne, rings, run, times } from '../support/machine.js';

const TEXT = { name: 'test', id: 'T', formula: '', provenance: 'test', risk: '' };

function sqPolicy(program: Partial<SqPolicy['program']>): SqPolicy {
  return { ...TEXT, side: 'sq', program: { onStart: [REREAD], onCommand: [], onEmpty: [], ...program } };
}

/** Ring when k more entries are there. */
function lookAhead(k: number, onEmpty: readonly PolicyStep[] = []): SqPolicy {
  return sqPolicy({ onCommand: [publish((view) => advance(view.position, k, view.depth)), BARRIER, REREAD], onEmpty });
}

describe('look-ahead without a timer', () => {
  test('stalls at queue depth 1: the second command never rings', () => {
    const result = run([{ work: oneByOne(10), qid: 3 }], { shadow: true, sqPolicy: lookAhead(1) });
    expect(result.stalls).toMatchObject([{ qid: 3, atNs: result.durationNs, what: 'commands wait in the SQ', waiting: 1 }]);
    expect(result).toMatchObject({ submitted: 2, reaped: 1, runaway: false });
    expect(rings(result).sq).toBe(1);
  });

  test('says which timer would have found it: from the last look to the announcement', () => {
    const policy = lookAhead(1);
    const stalled = run([{ work: oneByOne(2) }], { shadow: true, sqPolicy: policy });
    const timerNs = times(stalled, 'command.setup')[1]! - times(stalled, 'doorbell.shadow', { side: 'sq' }).at(-1)!;
    expect(stalled.stalls.map((stall) => stall.timerNs)).toEqual([timerNs]);
    const timed = lookAhead(1, [{ step: 'timer', afterNs: timerNs }]);
    const found = run([{ work: oneByOne(2) }], { shadow: true, sqPolicy: timed, maxEvents: 5_000 });
    expect(found.reaped).toBe(2);
    // The first look after the one that saw nothing is the one that finds it.
    const looks = times(found, 'doorbell.shadow', { side: 'sq' });
    expect(looks.filter((ns) => ns > looks[1]! && ns < times(found, 'command.fetch')[1]!)).toHaveLength(1);
  });

  test('goes on while batches pass the announced place', () => {
    const k = 3;
    const result = run([{ work: new FixedWork([1, k + 1, k + 1, k + 1], k + 1) }], { shadow: true, sqPolicy: lookAhead(k) });
    expect(result).toMatchObject({ reaped: 1 + 3 * (k + 1), stalls: [] });
    expect(rings(result).sq).toBe(1 + 3);
  });
});

describe('publishing EventIdx without looking again', () => {
  const careless = sqPolicy({ onCommand: [publish((view) => view.seen)] });
  // The second command comes after the device has read the tail and before it writes EventIdx.
  const afterRead = D + T.wake + R / 2;
  const work = (): FixedWork => new FixedWork([1, 1, 1, 1], 2, { afterSubmit: afterRead - V });

  test('stalls when a command comes in between, and the window runs full behind it', () => {
    const result = run([{ work: work() }], { shadow: true, sqPolicy: careless });
    expect(times(result, 'command.setup')[1]).toBe(afterRead);
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, what: 'commands wait in the SQ', waiting: 2 }]);
    expect(result.reaped).toBe(1);
  });

  test.each([followTail, armWhenEmpty].map((policy) => [policy.name, policy] as const))('%s looks again and does not', (_, policy) => {
    expect(run([{ work: work() }], { shadow: true, sqPolicy: policy })).toMatchObject({ reaped: 4, stalls: [] });
  });

  test('at queue depth 1 it happens to work: nothing can come in between', () => {
    expect(run([{ work: oneByOne(20) }], { shadow: true, sqPolicy: careless })).toMatchObject({ reaped: 20, stalls: [] });
  });
});

test('a device that neither publishes nor polls serves one command per lap', () => {
  const result = run([{ work: oneByOne(3) }], { shadow: true, sqPolicy: sqPolicy({}) });
  expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, what: 'commands wait in the SQ', waiting: 1 }]);
});

describe('a CQ that is truly full', () => {
  const batch = 6;
  const cqDepth = 5;
  const full = (cqPolicy: CqPolicy, depth = cqDepth): Run =>
    run([{ work: new FixedWork([batch, batch], batch), sqDepth: 8, cqDepth: depth }], { shadow: true, cqPolicy });

  test('never: nobody tells the device that there is room', () => {
    const result = full(cqNever);
    expect(result.stalls).toMatchObject([
      { qid: 1, atNs: result.durationNs, what: 'completions wait for the CQ', waiting: batch - (cqDepth - 1) },
    ]);
    expect(result.reaped).toBe(cqDepth - 1);
  });

  test('arm-when-full: the driver rings', () => {
    expect(full(cqArmWhenFull)).toMatchObject({ reaped: 2 * batch, stalls: [] });
  });

  // It publishes only while more than one entry is occupied, and a CQ of 2 entries never holds more.
  test('tail-minus-one on a CQ of 2 entries never arms', () => {
    expect(full(cqTailMinusOne, 2).stalls).toEqual([expect.objectContaining({ what: 'completions wait for the CQ' })]);
  });
});

test('one queue stalls, the other finishes its work', () => {
  const queues = [{ work: oneByOne(5) }, { work: new FixedWork([1], 1) }];
  const result = run(queues, { shadow: true, sqPolicy: lookAhead(1) });
  expect(result.stalls.map(({ qid, waiting }) => [qid, waiting])).toEqual([[1, 1]]);
  expect(times(result, 'command.reap', { qid: 2 }).length).toBe(1);
});

describe('a device that looks again', () => {
  const polling = sqPolicy({ onEmpty: [{ step: 'poll', everyNs: 100 }] });

  test('polls until the work is done, finds what never rang on its beat, and the run ends', () => {
    const n = 3;
    const result = run([{ work: leisurely(n) }], { shadow: true, sqPolicy: polling, maxEvents: 5_000 });
    expect(result).toMatchObject({ runaway: false, stalls: [], reaped: n });
    expect(rings(result).sq).toBe(1);
    const setups = times(result, 'command.setup').slice(1);
    const looks = times(result, 'doorbell.shadow', { side: 'sq' }).slice(-setups.length);
    for (const [i, setup] of setups.entries()) {
      expect(looks[i]! - setup).toBeGreaterThanOrEqual(0);
      expect(looks[i]! - setup).toBeLessThanOrEqual(100);
    }
  });

  test('the time between its passes is polling time, not work', () => {
    const { devicePollingNs, deviceBusyNs, durationNs } = run([{ work: leisurely(5) }], { shadow: true, sqPolicy: polling });
    expect(devicePollingNs).toBeGreaterThan(0.9 * durationNs);
    expect(devicePollingNs + deviceBusyNs).toBeLessThanOrEqual(durationNs);
  });

  test('a beat of no time at all is one of a nanosecond', () => {
    const spinning = sqPolicy({ onEmpty: [{ step: 'poll', everyNs: 0 }] });
    expect(run([{ work: oneByOne(4) }], { shadow: true, sqPolicy: spinning, maxEvents: 5_000 })).toMatchObject({ runaway: false, reaped: 4 });
  });

  const afterNs = 40_000;
  const withTimer = lookAhead(1, [{ step: 'timer', afterNs }]);

  test('a timer finds what look-ahead left without a ring', () => {
    const n = 4;
    const result = run([{ work: oneByOne(n) }], { shadow: true, sqPolicy: withTimer, maxEvents: 5_000 });
    expect(result).toMatchObject({ reaped: n, stalls: [], runaway: false });
    expect(rings(result).sq).toBe(1);
  });

  test('a new pass replaces the timer of the one before: they do not pile up', () => {
    const result = run([{ work: new FixedWork([1, 3, 3, 3], 3, { afterReap: 3_000_000 }) }], { shadow: true, sqPolicy: withTimer, maxEvents: 5_000 });
    expect(rings(result).sq).toBe(1 + 3);
    // While the driver thinks, the timer goes on alone: passes that find nothing, evenly apart.
    const reads = times(result, 'doorbell.shadow', { side: 'sq' });
    const gaps = reads.slice(1).map((time, i) => time - reads[i]!);
    expect(gaps.filter((gap) => gap === afterNs + T.wake + R).length).toBeGreaterThan(100);
    expect(reads.length).toBeLessThan(result.durationNs / afterNs + 20);
  });

  test('where work stands still for good a timer goes on, and the run is cut off with the place', () => {
    const timerOnly = sqPolicy({ onStart: [], onEmpty: [{ step: 'timer', afterNs }] });
    const result = run([{ work: new FixedWork([1, 1], 1) }], { shadow: true, sqPolicy: { ...timerOnly, program: { ...timerOnly.program, onStart: [] } }, maxEvents: 5_000 });
    expect(result).toMatchObject({ runaway: true, stalls: [expect.objectContaining({ what: 'commands wait in the SQ', waiting: 1 })] });
  });
});
