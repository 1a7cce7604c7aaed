// Ring counts that follow from a policy's formula alone, whatever anything costs. The first announcement always rings: the words are 0
// until the device has run for the first time.

import { describe, expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { withKnobs } from '../../src/model/driver/knobs.js';
import type { SqPolicy } from '../../src/model/policy/policy.js';
import { KIND } from '../../src/trace/event.js';
import { EXACT_SQ, cqPolicy, sqPolicy } from '../support/policies.js';
import { BATCHED, ConstantService, FixedWork, PER_COMMAND, leisurely, oneByOne, rings, run } from '../support/machine.js';

const FIRST = 1;
const INCLUSIVE = DRIVERS.find(({ name }) => name === 'spdk')!;

describe('queue depth 1, the device idle between commands', () => {
  const depth = 16;
  const laps = 5;
  const n = laps * depth;
  const sqRings = (policy: SqPolicy): number => {
    const result = run([{ work: leisurely(n), sqDepth: depth }], { shadow: true, sqPolicy: policy });
    expect(result).toMatchObject({ reaped: n, stalls: [], runaway: false });
    return rings(result).sq;
  };

  test.each(['P5', 'P6', 'P8', 'P9'])('%s rings once for each command', (id) => expect(sqRings(sqPolicy(id))).toBe(n));

  test('P3 rings once per lap, P4 never', () => {
    expect(sqRings(sqPolicy('P3'))).toBe(FIRST + laps);
    expect(sqRings(sqPolicy('P4'))).toBe(FIRST);
  });

  test('P12 is exact, P7 is exact whatever its batch, P15 below its cap', () => {
    for (const policy of [sqPolicy('P12'), sqPolicy('P7', { b: 5 }), sqPolicy('P15', { c: 2 })]) expect(sqRings(policy), policy.name).toBe(n);
  });

  test.each([1, 2, 4])('P10 with k = %i and no timer stalls, and says so', (k) => {
    const { stalls, reaped } = run([{ work: oneByOne(n), sqDepth: depth }], { shadow: true, sqPolicy: sqPolicy('P10', { k, 'timer-us': 0 }) });
    expect(stalls).toEqual([expect.objectContaining({ what: 'commands wait in the SQ', waiting: 1 })]);
    expect(reaped).toBe(1);
  });

  test('with a timer P10 never rings but once per lap, and each command waits for it', () => {
    const us = 40;
    const result = run([{ work: leisurely(n), sqDepth: depth }], { shadow: true, sqPolicy: sqPolicy('P10', { k: 4, 'timer-us': us }) });
    expect(result).toMatchObject({ reaped: n, stalls: [] });
    expect(rings(result).sq).toBe(FIRST);
  });

  test('P16 and P17 arm when commands come further apart than they poll, and are silent when not', () => {
    const slow = { 't-us': 100 };
    const patient = { 't-us': 5_000, trail: 1 };
    expect(sqRings(sqPolicy('P16', slow))).toBe(n);
    expect(sqRings(sqPolicy('P16', patient))).toBe(FIRST);
    expect(sqRings(sqPolicy('P17'))).toBe(n);
  });

  test('P18 stays exact below its marks, and is silent above them', () => {
    expect(sqRings(sqPolicy('P18'))).toBe(n);
    expect(sqRings(sqPolicy('P18', { 'high-per-s': 500, 'low-per-s': 100 }))).toBeLessThan(10);
  });
});

describe('an open burst of single commands into a device that sleeps', () => {
  const burst = 10;
  const gapNs = 1_000;
  const sqRings = (policy: SqPolicy, wake: number): number => {
    const work = new FixedWork(Array.from({ length: burst }, () => 1), burst, { afterSubmit: gapNs });
    return rings(run([{ work }], { shadow: true, driver: PER_COMMAND, sqPolicy: policy, service: new ConstantService({ wake }) })).sq;
  };

  test.each(EXACT_SQ.map((policy) => [policy.name, policy] as const))('%s: one ring when the device wakes after it, between 1 and B when it wakes during it', (_, policy) => {
    expect(sqRings(policy, 10 * burst * gapNs)).toBe(1);
    const during = sqRings(policy, gapNs);
    expect(during).toBeGreaterThanOrEqual(1);
    expect(during).toBeLessThanOrEqual(burst);
  });
});

describe('ten laps with an EventIdx that is kept fresh', () => {
  const depth = 32;
  const laps = 10;
  const n = laps * depth;
  const sqRings = (policy: SqPolicy, driver = PER_COMMAND, batch = 1): number =>
    rings(run([{ work: new FixedWork(Array.from({ length: n / batch }, () => batch), batch, { afterReap: 200_000 }), sqDepth: depth }], { shadow: true, driver, sqPolicy: policy })).sq;

  test('sentinel: one per lap; trail-by-one: none; half of the depth ahead: none', () => {
    expect(sqRings(sqPolicy('P3'))).toBe(FIRST + laps);
    expect(sqRings(sqPolicy('P4'))).toBe(FIRST);
    expect(sqRings(sqPolicy('P13'))).toBe(FIRST);
  });

  test('stuck at 0: one per lap with Linux\' predicate, two with the inclusive one where commands come one by one', () => {
    expect(sqRings(sqPolicy('P2'))).toBeGreaterThanOrEqual(laps);
    expect(sqRings(sqPolicy('P2'))).toBeLessThanOrEqual(laps + 1);
    expect(sqRings(sqPolicy('P2'), INCLUSIVE)).toBeGreaterThanOrEqual(14);
    expect(sqRings(sqPolicy('P2'), INCLUSIVE)).toBeLessThanOrEqual(2 * laps + 1);
  });

  test('follow-tail: one for each update', () => {
    expect(sqRings(sqPolicy('P5'))).toBe(n);
  });
});

describe('completion queues', () => {
  const depth = 8;
  const laps = 6;
  const cqRings = (id: string): number => rings(run([{ work: oneByOne(laps * depth), sqDepth: depth }], { shadow: true, cqPolicy: cqPolicy(id) })).cq;

  test('never: one per lap; follow-head: one per pass; near-full, full and trail-by-one: hardly any', () => {
    expect(cqRings('C1')).toBe(laps);
    expect(cqRings('C2')).toBe(laps * depth);
    for (const id of ['C4', 'C5', 'C7', 'C8']) expect(cqRings(id), id).toBeLessThanOrEqual(laps + 1);
  });

  test('a full queue goes on by itself where the policy looks again', () => {
    const batch = 12;
    const full = (id: string, values = {}): object => run([{ work: new FixedWork([batch, batch], batch), sqDepth: 16, cqDepth: 5 }], { shadow: true, cqPolicy: cqPolicy(id, values) });
    expect(full('C1')).toMatchObject({ stalls: [expect.objectContaining({ what: 'completions wait for the CQ' })] });
    expect(full('C1', { 'recheck-us': 5 })).toMatchObject({ reaped: 2 * batch, stalls: [], runaway: false });
    for (const id of ['C4', 'C5', 'C6', 'C7', 'C8']) expect(full(id), id).toMatchObject({ reaped: 2 * batch, stalls: [] });
  });
});

test('an in-flight cap is never passed, and completions bring the rest in', () => {
  const c = 3;
  const n = 40;
  const result = run([{ work: new FixedWork([n], n), sqDepth: 64 }], { shadow: true, sqPolicy: sqPolicy('P15', { c }) });
  expect(result).toMatchObject({ reaped: n, stalls: [] });
  let inFlight = 0;
  let most = 0;
  for (const { kind } of result.events) {
    if (kind === KIND['command.fetch']) inFlight += 1;
    if (kind === KIND['command.complete']) inFlight -= 1;
    most = Math.max(most, inFlight);
  }
  expect(most).toBe(c);
});

describe('knobs of the driver', () => {
  const knobbed = (values: Record<string, number>, work: FixedWork, sqDepth = 64): ReturnType<typeof rings> => rings(run([{ work, sqDepth }], { shadow: true, sqPolicy: sqPolicy('P0'), driver: withKnobs(BATCHED, values) }));

  test('batch: an announcement carries that many commands at most; without shadow doorbells each is a register write', () => {
    const work = (): FixedWork => new FixedWork([10, 10], 10);
    expect(knobbed({}, work()).sq).toBe(2);
    expect(knobbed({ batch: 4 }, work()).sq).toBe(2 * 3);
    expect(knobbed({ batch: 1 }, work()).sq).toBe(20);
  });

  test('cq-batch: the head is announced after that many completions', () => {
    const work = (): FixedWork => new FixedWork([12], 12);
    expect(knobbed({}, work()).cq).toBe(1);
    expect(knobbed({ 'cq-batch': 5 }, work()).cq).toBe(3);
    expect(knobbed({ 'cq-batch': 1 }, work()).cq).toBe(12);
  });

  test('inclusive and barrier turn the predicate and the announcement', () => {
    const driver = withKnobs(BATCHED, { inclusive: 1, barrier: 1 });
    expect(driver.ringNeeded(5, 5, 4)).toBe(true);
    expect(BATCHED.ringNeeded(5, 5, 4)).toBe(false);
    expect(driver.announce).toEqual(['load-old', 'store-shadow', 'read-barrier', 'load-eventidx', 'ring-if-needed']);
    expect(driver.name).toBe('linux-batched:inclusive=1,barrier=1');
  });
});
