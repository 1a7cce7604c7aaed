import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationHistogram } from '../../src/metrics/histogram.js';
import { holds } from '../support/property.js';

function histogramOf(values: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

/** Durations over the whole range: a power of two of ns, and something on top. */
const duration = fc.tuple(fc.nat(51), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })).map(([power, part]) => Math.floor(2 ** power * (1 + part)));

test('a quantile is within 1/64 of the exact one', () => {
  holds(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
      const exact = values.toSorted((a, b) => a - b)[Math.floor(p * (values.length - 1))]!;
      expect(Math.abs(histogramOf(values).quantile(p) - exact)).toBeLessThanOrEqual(exact / 64);
    }),
    1000,
  );
});

test('below 64 ns every whole duration is exact', () => {
  for (let ns = 0; ns < 64; ns++) expect(histogramOf([ns]).quantile(0.5)).toBe(ns);
});

test('powers of two and their neighbours fall into the right bucket', () => {
  for (let power = 6; power <= 51; power++) {
    for (const ns of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      expect(Math.abs(histogramOf([ns]).quantile(0.5) - ns)).toBeLessThanOrEqual(ns / 64);
    }
  }
});

test('durations beyond 52 days count as 52 days', () => {
  const longest = 2 ** 52;
  for (const ns of [longest - 1, longest, 2 ** 60, Infinity]) {
    expect(Math.abs(histogramOf([ns]).quantile(0.5) - longest)).toBeLessThanOrEqual(longest / 64);
  }
});

test('an unknown step is left out, a negative one counts as 0', () => {
  const histogram = histogramOf([NaN, -5, 10]);
  expect(histogram.count).toBe(2);
  expect([histogram.quantile(0), histogram.quantile(1)]).toEqual([0, 10]);
});

test('an empty histogram has no quantiles', () => {
  expect(new DurationHistogram().quantile(0.5)).toBeNaN();
});
