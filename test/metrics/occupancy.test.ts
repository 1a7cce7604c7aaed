import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LevelBins, type OccupancyBin, type TimeWindow } from '../../src/metrics/occupancy.js';
import { holds } from '../support/property.js';

function bins(window: TimeWindow, count: number, changes: readonly (readonly [timeNs: number, level: number])[]): readonly OccupancyBin[] {
  const level = new LevelBins(window, count);
  for (const [timeNs, to] of changes) level.change(timeNs, to);
  return level.finish();
}

/** [min, median, max] of each bin. */
function shape(result: readonly OccupancyBin[]): readonly (readonly number[])[] {
  return result.map(({ min, median, max }) => [min, median, max]);
}

test('the median is weighted by time: 3 holds for 60 of 100 ns', () => {
  const result = bins({ fromNs: 0, toNs: 100 }, 1, [[10, 1], [20, 3], [80, 7]]);
  // 0 for 10 ns, 1 for 10 ns, 3 for 60 ns, 7 for 20 ns: half of the time is passed within 3.
  expect(shape(result)).toEqual([[0, 3, 7]]);
});

test('a level holds over bins without a change', () => {
  const result = bins({ fromNs: 0, toNs: 400 }, 4, [[50, 2], [350, 1]]);
  expect(shape(result)).toEqual([
    [0, 0, 2],
    [2, 2, 2],
    [2, 2, 2],
    [1, 1, 2],
  ]);
});

test('a level that is only passed through counts for minimum and maximum, not for the median', () => {
  const result = bins({ fromNs: 0, toNs: 100 }, 1, [[50, 9], [50, 0]]);
  expect(shape(result)).toEqual([[0, 0, 9]]);
});

test('what happened before the window sets the level that it begins with, what comes after is left out', () => {
  const result = bins({ fromNs: 100, toNs: 200 }, 1, [[10, 5], [50, 4], [150, 6], [200, 1], [250, 99]]);
  expect(shape(result)).toEqual([[4, 4, 6]]);
});

test('a level that never changes is 0', () => {
  expect(shape(bins({ fromNs: 0, toNs: 100 }, 2, []))).toEqual([[0, 0, 0], [0, 0, 0]]);
});

// 47 * (width / 47) rounds up beyond this window's end: the last bin was lost once.
test('the bins end where the window ends, whatever rounding says', () => {
  const window = { fromNs: 144_510_528, toNs: 6_480_644_560 };
  const result = bins(window, 47, []);
  expect(result.length).toBe(47);
  expect(result.at(-1)!.endNs).toBe(window.toNs);
});

const change = fc.tuple(fc.nat(1000), fc.nat(20));

test('bins tile the window, keep min <= median <= max, and touch where a level goes on', () => {
  holds(
    fc.property(fc.array(change, { maxLength: 60 }), fc.nat(500), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 50 }), (changes, fromNs, spanNs, count) => {
      const window = { fromNs, toNs: fromNs + spanNs };
      const result = bins(window, count, changes.toSorted(([a], [b]) => a - b));
      expect(result.length).toBe(count);
      expect([result[0]!.startNs, result.at(-1)!.endNs]).toEqual([window.fromNs, window.toNs]);
      for (const [i, bin] of result.entries()) {
        if (i > 0) expect(bin.startNs).toBe(result[i - 1]!.endNs);
        expect(bin.min <= bin.median && bin.median <= bin.max).toBe(true);
      }
    }),
  );
});

test('minimum and maximum over all bins are those of the changes within the window', () => {
  holds(
    fc.property(fc.array(change, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (changes, count) => {
      const inOrder = changes.toSorted(([a], [b]) => a - b);
      const result = bins({ fromNs: 0, toNs: 1001 }, count, inOrder);
      const levels = [0, ...inOrder.map(([, level]) => level)];
      expect(Math.max(...result.map(({ max }) => max))).toBe(Math.max(...levels));
      expect(Math.min(...result.map(({ min }) => min))).toBe(Math.min(...levels));
    }),
  );
});
