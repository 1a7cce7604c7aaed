// How far out an interval's ends are moved by what the recording itself is missed by.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interval } from '../../src/metrics/stats.js';
import { NO_MISS, missBy, widened, widenedTotal } from '../../src/replay/widening.js';

const same = { recorded: 50, replayed: 50 };

describe('the miss of a prediction', () => {
  const twice = { recorded: 100, replayed: 50 };
  const thrice = { recorded: 20, replayed: 60 };

  test('is a factor of 1 or more, whichever way the replay is off', () => {
    const on = { recorded: false, predicted: true, fitted: true };
    expect(missBy({ sq: same, cq: same, idleWakes: same }, on)).toEqual(NO_MISS);
    expect(missBy({ sq: same, cq: twice, idleWakes: same }, on)).toEqual({ sq: 1, cq: 2 });
    expect(missBy({ sq: same, cq: thrice, idleWakes: same }, on)).toEqual({ sq: 1, cq: 3 });
  });

  test('SQ writes with shadow doorbells on: of those that were recorded and of submissions to an idle device, the larger', () => {
    const on = { recorded: false, predicted: true, fitted: true };
    expect(missBy({ sq: same, cq: same, idleWakes: twice }, on)).toEqual({ sq: 2, cq: 1 });
    expect(missBy({ sq: thrice, cq: same, idleWakes: twice }, on).sq).toBe(3);
  });

  test('with shadow doorbells off every submission rings: nothing can be missed', () => {
    for (const recorded of [true, false]) expect(missBy({ sq: thrice, cq: same, idleWakes: twice }, { recorded, predicted: false, fitted: true }).sq).toBe(1);
  });

  test('CQ writes from a recording with shadow doorbells on: whatever is missed by most', () => {
    for (const predicted of [true, false]) {
      expect(missBy({ sq: thrice, cq: twice, idleWakes: same }, { recorded: true, predicted, fitted: true }).cq).toBe(3);
      expect(missBy({ sq: same, cq: same, idleWakes: twice }, { recorded: true, predicted, fitted: true }).cq).toBe(2);
    }
  });

  test('CQ writes with shadow doorbells on, where nothing was fitted to passes: whatever is missed by most too', () => {
    const on = { recorded: false, predicted: true, fitted: false };
    expect(missBy({ sq: same, cq: twice, idleWakes: thrice }, on)).toEqual({ sq: 3, cq: 3 });
    expect(missBy({ sq: same, cq: thrice, idleWakes: twice }, on)).toEqual({ sq: 2, cq: 3 });
    expect(missBy({ sq: same, cq: twice, idleWakes: thrice }, { ...on, predicted: false }).cq).toBe(2);
  });

  test('a number that is 0 on one side tells no factor', () => {
    expect(missBy({ sq: same, cq: { recorded: 0, replayed: 9 }, idleWakes: { recorded: 9, replayed: 0 } }, { recorded: true, predicted: true, fitted: true })).toEqual(NO_MISS);
  });
});

describe('an interval', () => {
  const interval = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)).map(([a, b, c]) => {
    const [low, median, high] = [a, b, c].toSorted((x, y) => x - y) as [number, number, number];
    return { low, median, high };
  });
  const miss = fc.double({ min: 1, max: 10, noNaN: true });

  test('widened holds what it held, its median stays, and it is wider the more was missed', () => {
    fc.assert(fc.property(interval, miss, miss, fc.nat(5000), (of, a, b, most) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map((factor) => widened(of, factor, most)) as [typeof of, typeof of];
      expect(less.median).toBe(of.median);
      expect(more.low).toBeLessThanOrEqual(less.low);
      expect(less.low).toBeLessThanOrEqual(of.low);
      expect(more.high).toBeGreaterThanOrEqual(less.high);
      expect(less.high).toBeGreaterThanOrEqual(of.high);
      expect(more.high).toBeLessThanOrEqual(Math.max(most, of.high));
    }));
  });

  test('ends where each command has its write', () => {
    expect(widened({ low: 40, median: 50, high: 60 }, 2, 100)).toEqual({ low: 20, median: 50, high: 100 });
    // What is there already stays.
    expect(widened({ low: 40, median: 50, high: 60 }, 2, 55)).toEqual({ low: 20, median: 50, high: 60 });
  });

  const wider = (of: { sq: Interval; cq: Interval }, sq: number, cq: number): { sq: Interval; cq: Interval } => ({ sq: widened(of.sq, sq, Infinity), cq: widened(of.cq, cq, Infinity) });

  test('of the total goes as far out as those of its sides together', () => {
    const sides = { sq: { low: 24, median: 30, high: 36 }, cq: { low: 8, median: 10, high: 12 } };
    const total = { low: 33, median: 40, high: 47 };
    expect(widenedTotal(total, sides, wider(sides, 2, 1))).toEqual({ low: Math.max(33 - 24 / 2, 24 / 2 + 8), median: 40, high: Math.min(47 + 36, 36 * 2 + 12) });
    expect(widenedTotal(total, sides, sides)).toEqual(total);
  });

  test('of the total is the sum where one side is exact', () => {
    fc.assert(fc.property(fc.nat(1000), interval, miss, (exact, cq, factor) => {
      const sides = { sq: { low: exact, median: exact, high: exact }, cq };
      const total = { low: exact + cq.low, median: exact + cq.median, high: exact + cq.high };
      const wide = wider(sides, 1, factor);
      const found = widenedTotal(total, sides, wide);
      expect(found.low).toBeCloseTo(exact + wide.cq.low, 6);
      expect(found.high).toBeCloseTo(exact + wide.cq.high, 6);
    }));
  });

  test('of the total holds what it held', () => {
    fc.assert(fc.property(interval, interval, interval, miss, miss, (total, sq, cq, a, b) => {
      const wide = widenedTotal(total, { sq, cq }, wider({ sq, cq }, a, b));
      expect(wide.low).toBeLessThanOrEqual(total.low);
      expect(wide.high).toBeGreaterThanOrEqual(total.high);
    }));
  });
});
