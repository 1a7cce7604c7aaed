import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingBins } from '../../src/metrics/growing-bins.js';
import { holds } from '../support/property.js';

const CAPACITY = 8;

const changes = fc.array(fc.record({ gapNs: fc.oneof(fc.nat(50), fc.nat(100_000)), level: fc.nat(40) }), { minLength: 1, maxLength: 60 });

test('the bins hold the integral, the extremes and the whole time, however often they had to grow', () => {
  holds(
    fc.property(fc.integer({ min: -1000, max: 1000 }), changes, fc.nat(50_000), (startNs, list, restNs) => {
      const bins = new GrowingBins(startNs, CAPACITY);
      let nowNs = startNs;
      let level = 0;
      let integral = 0;
      const seen = new Set<number>();
      for (const change of list) {
        integral += level * change.gapNs;
        if (change.gapNs > 0) seen.add(level);
        nowNs += change.gapNs;
        bins.change(nowNs, change.level);
        level = change.level;
        seen.add(level);
      }
      const endNs = nowNs + 1 + restNs;
      integral += level * (endNs - nowNs);
      const rows = bins.finish(endNs);
      expect(rows.length).toBeLessThanOrEqual(CAPACITY);
      expect(rows.reduce((sum, { mean, startNs: from, endNs: to }) => sum + mean * (to - from), 0)).toBeCloseTo(integral, 3);
      expect(rows.reduce((sum, { startNs: from, endNs: to }) => sum + to - from, 0)).toBe(endNs - startNs);
      expect(Math.max(...rows.map(({ max }) => max))).toBe(Math.max(...seen));
      expect(Math.min(...rows.map(({ min }) => min))).toBe(Math.min(...seen));
      for (const { min, mean, max } of rows) expect(min <= mean + 1e-9 && mean <= max + 1e-9).toBe(true);
    }),
  );
});

test('a level that is only passed through is an extreme of its bin', () => {
  const bins = new GrowingBins(0, CAPACITY);
  bins.change(10, 5);
  bins.change(10, 9);
  bins.change(10, 2);
  expect(bins.finish(20)).toEqual([{ startNs: 0, endNs: 20, min: 0, mean: 1, max: 9 }]);
});

test('a change that lies in the past counts as if it came now', () => {
  const bins = new GrowingBins(0, CAPACITY);
  bins.change(100, 4);
  bins.change(50, 6);
  expect(bins.finish(200)).toEqual([{ startNs: 0, endNs: 200, min: 0, mean: 3, max: 6 }]);
});
