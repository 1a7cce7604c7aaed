// What runs for an interval draw anew.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../src/replay/calibrate.js';
import { PARTS, inParts, varied } from '../../src/replay/uncertain.js';
import { NOTHING, QUEUE } from '../support/calibration.js';
import { OFF } from '../support/capture.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const part = fc.nat(PARTS - 1);

describe('parts of a recording', () => {
  test('of a list in the recording’s order: its stretches, in the order named', () => {
    const calibration = { ...NOTHING, fetchNs: upTo(2 * PARTS) };
    expect(inParts(calibration, [0]).fetchNs).toEqual([0, 1]);
    expect(inParts(calibration, [3, 1]).fetchNs).toEqual([6, 7, 2, 3]);
    expect(inParts(calibration, [1, 1]).fetchNs).toEqual([2, 3, 2, 3]);
  });

  test('a list that is shorter than the parts stays whole, one as long gives one value a part', () => {
    const calibration = { ...NOTHING, fetchNs: upTo(PARTS - 1), completeNs: upTo(PARTS) };
    const { fetchNs, completeNs, interruptNs } = inParts(calibration, [PARTS - 1, 0]);
    expect(fetchNs).toEqual(upTo(PARTS - 1));
    expect(completeNs).toEqual([PARTS - 1, 0]);
    expect(interruptNs).toEqual([]);
  });

  test('all parts in order are the recording', () => {
    fc.assert(fc.property(fc.array(fc.nat()), (fetchNs) => {
      expect(inParts({ ...NOTHING, fetchNs }, upTo(PARTS)).fetchNs).toEqual(fetchNs);
    }));
  });

  test('no part of a list that has parts is empty, whatever its length', () => {
    fc.assert(fc.property(fc.integer({ min: PARTS, max: 200 }), part, (length, one) => {
      const { fetchNs } = inParts({ ...NOTHING, fetchNs: upTo(length) }, [one]);
      expect(fetchNs.length).toBeGreaterThanOrEqual(Math.floor(length / PARTS));
      expect(fetchNs.length).toBeLessThanOrEqual(Math.ceil(length / PARTS));
    }));
  });

  const WORKERS: NonNullable<Calibration['workers']> = {
    shortFetchNs: upTo(20), longFetchNs: upTo(20), first: upTo(20).map((i) => i < 10), afterLong: upTo(20).map((i) => i < 10), afterShort: upTo(20).map((i) => i < 10),
    usualFirst: 0.7, stepsNs: 0, doneNs: upTo(20), waiting: upTo(20).map((afterNs) => ({ inFlight: 1, completed: 1, afterNs })),
  };

  test('the pace of a queue is that of its parts', () => {
    const queue = { ...QUEUE, shortGapsNs: upTo(40), shortThinkNs: 19.5 };
    expect(inParts({ ...NOTHING, queues: [queue] }, [1]).queues[0]).toEqual({ ...queue, shortGapsNs: upTo(40).slice(5, 10), shortThinkNs: 7 });
    expect(inParts({ ...NOTHING, queues: [{ ...queue, shortGapsNs: [3, 4, 5], shortThinkNs: 4 }] }, [1]).queues[0]!.shortThinkNs).toBe(4);
  });

  test('only lists in the recording’s order change: no queue, no count, no single time', () => {
    const whole: Calibration = { ...NOTHING, queues: [{ ...QUEUE, thinkAfterSubmitNs: upTo(40) }], pendingHandlerNs: upTo(40), special: [{ opcode: 0, serviceNs: upTo(40) }], handlerTailNs: 5, kickNs: 6, perCompletionNs: 7, idleWakes: 8, workers: WORKERS, wakes: upTo(40).map((afterNs) => ({ asleepNs: 1, afterNs })) };
    const some = inParts(whole, [2]);
    const { queues, pendingHandlerNs, special, handlerTailNs, kickNs, perCompletionNs, idleWakes, mmio } = whole;
    expect(some).toMatchObject({ queues, pendingHandlerNs, special, handlerTailNs, kickNs, perCompletionNs, idleWakes, mmio });
    expect(some.wakes.map(({ afterNs }) => afterNs)).toEqual(upTo(40).slice(10, 15));
    expect(some.workers).toMatchObject({ usualFirst: 0.7, shortFetchNs: [5, 6], doneNs: [5, 6] });
    expect(some.workers!.first).toEqual([true, true]);
  });
});

describe('a run that draws anew', () => {
  const turns = { calibration: { ...NOTHING, queues: [QUEUE], fetchNs: [3_000], handlerNs: [20_000] }, host: { cores: 1, loopWeight: 2 } };
  const sideBySide = { calibration: { ...turns.calibration, parallel: true }, host: { cores: 3, loopWeight: 1 } };
  const seeds = upTo(400);

  test('is the same each time, and another by another seed', () => {
    expect(varied(turns, OFF, 7)).toEqual(varied(turns, OFF, 7));
    expect(varied(turns, OFF, 7)).not.toEqual(varied(turns, OFF, 8));
  });

  test('of threads that took turns on one core: a spare core for a share of the time that Laplace’s rule gives, a third in the mean', () => {
    const shares = seeds.map((seed) => varied(turns, OFF, seed).host.spareShare!);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(1);
    // Distribution function 1 - (1 - s)^2; four standard errors.
    for (const s of [0.1, 0.3, 0.6]) {
      const below = 1 - (1 - s) ** 2;
      expect(Math.abs(shares.filter((share) => share < s).length / seeds.length - below)).toBeLessThan(4 * Math.sqrt((below * (1 - below)) / seeds.length));
    }
  });

  test('of other hosts: no core that the recording doesn’t show', () => {
    expect(varied(sideBySide, OFF, 1).host).toEqual(sideBySide.host);
    expect(varied({ calibration: { ...turns.calibration, vcpusApart: true }, host: { cores: 2, loopWeight: 2 } }, OFF, 1).host.spareShare).toBeUndefined();
  });

  test('on a shared core recorded times stay as they are, but for what a register write takes of them', () => {
    for (const seed of seeds.slice(0, 50)) {
      const { calibration, transport } = varied(turns, OFF, seed);
      const shiftNs = transport.vcpuNs - OFF.transport.vcpuNs;
      expect(Math.abs(shiftNs)).toBeLessThanOrEqual(1_500);
      expect(calibration).toMatchObject({ fetchNs: [3_000], handlerNs: [20_000] });
      Array.from(calibration.queues[0]!.thinkAfterSubmitNs).forEach((ns, i) => expect(ns).toBeCloseTo(QUEUE.thinkAfterSubmitNs[i]! - shiftNs, 6));
    }
  });

  test('side by side the pace varies by 15 % either way', () => {
    const fetches = seeds.map((seed) => varied(sideBySide, OFF, seed).calibration.fetchNs[0]!);
    expect(Math.min(...fetches)).toBeGreaterThanOrEqual(3_000 * 0.85);
    expect(Math.max(...fetches)).toBeLessThanOrEqual(3_000 * 1.15);
    expect(Math.max(...fetches) - Math.min(...fetches)).toBeGreaterThan(3_000 * 0.25);
  });

  test('side by side a run goes at the pace of parts of the recording', () => {
    // Half of the recording at 10 us a submission, the other half at 30 us, and pauses that are no pace.
    const shortGapsNs = upTo(80).map((i) => (i < 40 ? 10_000 : 30_000));
    const queue = { ...QUEUE, shortGapsNs, shortThinkNs: 20_000, thinkAfterSubmitNs: [20_000, 900_000] };
    const paced = { ...sideBySide, calibration: { ...sideBySide.calibration, queues: [queue] } };
    const thinks = seeds.map((seed) => {
      const { calibration, transport } = varied(paced, OFF, seed);
      expect(calibration.queues[0]!.thinkAfterSubmitNs[1]).toBe(900_000);
      return calibration.queues[0]!.thinkAfterSubmitNs[0]! + transport.vcpuNs - OFF.transport.vcpuNs;
    });
    expect(Math.min(...thinks)).toBeGreaterThanOrEqual(10_000 * 0.85);
    expect(Math.max(...thinks)).toBeLessThanOrEqual(30_000 * 1.15);
    for (const pace of [10_000, 20_000, 30_000]) expect(thinks.some((ns) => Math.abs(ns / pace - 1) <= 0.15)).toBe(true);
    expect(thinks.filter((ns) => ns < 10_000 * 1.15).length).toBeGreaterThan(seeds.length / 8);
    const turnsPaced = varied({ ...turns, calibration: { ...turns.calibration, queues: [queue] } }, OFF, 1);
    expect(turnsPaced.calibration.queues[0]!.thinkAfterSubmitNs[0]).toBeCloseTo(20_000 - (turnsPaced.transport.vcpuNs - OFF.transport.vcpuNs), 6);
  });

  test('a window that was reached stays, another one may be larger', () => {
    const open = { ...sideBySide, calibration: { ...sideBySide.calibration, queues: [{ ...QUEUE, windowReached: false }] } };
    const windows = (of: typeof open): ReadonlySet<number> => new Set(seeds.slice(0, 60).map((seed) => varied(of, OFF, seed).calibration.queues[0]!.window));
    expect(windows(open)).toEqual(new Set([4, 8, 16]));
    expect(windows(sideBySide)).toEqual(new Set([4]));
  });

  test('on a slow host a record and a write are uncertain by as many times more', () => {
    const slow = { ...turns, calibration: { ...turns.calibration, recordScale: 10 } };
    const shifts = seeds.map((seed) => varied(slow, { transport: { ...OFF.transport, vcpuNs: 100_000 } }, seed).transport.vcpuNs - 100_000);
    expect(Math.max(...shifts.map(Math.abs))).toBeLessThanOrEqual(15_000);
    expect(Math.max(...shifts)).toBeGreaterThan(10_000);
    expect(varied(slow, OFF, 3).costs.shadowReadNs).toBeGreaterThanOrEqual(10_000);
  });
});
