import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ascending, interval90, mean, quantileSorted } from '../../src/metrics/stats.js';
import { holds } from '../support/property.js';

test('quantiles lie on the straight line between neighbours', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantileSorted([10, 20, 40], p))).toEqual([10, 15, 20, 30, 40]);
  expect(quantileSorted([7], 0.9)).toBe(7);
});

test('of nothing there is no quantile and no mean', () => {
  expect(quantileSorted([], 0.5)).toBeNaN();
  expect(mean([])).toBeNaN();
});

test('values are ordered by their size, not as text', () => {
  expect([...ascending([10, 9, 100, -1])]).toEqual([-1, 9, 10, 100]);
});

test('the interval of 1 .. 101 holds the central 90 %', () => {
  const values = Array.from({ length: 101 }, (_, i) => 101 - i);
  expect(interval90(values)).toEqual({ median: 51, low: 6, high: 96 });
});

test('quantiles grow with p and stay between the least and the greatest value', () => {
  const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 30 });
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  holds(
    fc.property(values, p, p, (some, p1, p2) => {
      const sorted = ascending(some);
      const [low, high] = [Math.min(p1, p2), Math.max(p1, p2)].map((q) => quantileSorted(sorted, q));
      const tolerance = 1e-6;
      expect(low!).toBeLessThanOrEqual(high! + tolerance);
      expect(low!).toBeGreaterThanOrEqual(sorted[0]! - tolerance);
      expect(high!).toBeLessThanOrEqual(sorted.at(-1)! + tolerance);
    }),
  );
});

test('the mean is the sum over the number', () => {
  expect(mean([1, 2, 6])).toBe((1 + 2 + 6) / 3);
});
