import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mean } from '../../src/metrics/stats.js';
import { type Bounds, Durations, exactly, less, resolved } from '../../src/replay/censored.js';
import { holds } from '../support/property.js';

test('exact durations stay as they are, in order', () => {
  expect(resolved(Durations.of([30, 10, 20].map(exactly)))).toEqual([10, 20, 30]);
  expect(resolved(new Durations())).toEqual([]);
});

test('a duration between bounds goes where the exact ones lie between them', () => {
  const durations: Bounds[] = [...[10, 10, 10, 50].map(exactly), { low: 5, high: 20 }];
  expect(resolved(Durations.of(durations))).toEqual([10, 10, 10, 10, 50]);
});

test('where no exact one lies between its bounds, it is taken to be in the middle', () => {
  expect(resolved(Durations.of([exactly(100), { low: 10, high: 20 }]))).toEqual([15, 100]);
});

test('waits hide short durations: the mean is that of the durations, not of what was seen', () => {
  // Nine in ten take 10, the others 40. Half of all are seen only when something else lets go, at 45.
  const of = (i: number): number => (i % 10 === 0 ? 40 : 10);
  const durations = Array.from({ length: 1000 }, (_, i) => (i % 20 < 10 ? exactly(of(i)) : { low: 0, high: 45 }));
  const truth = mean(Array.from({ length: 1000 }, (_, i) => of(i)));
  const seen = mean(durations.map(({ high }) => high));
  expect(seen).toBeGreaterThan(2 * truth);
  expect(Math.abs(mean(resolved(Durations.of(durations))) - truth)).toBeLessThan(0.5);
});

test('there is one for each, ascending, and none beyond all bounds', () => {
  const duration = fc.tuple(fc.nat(1000), fc.nat(300)).map(([low, more]) => ({ low, high: low + more }));
  holds(
    fc.property(fc.array(duration, { maxLength: 60 }), (durations) => {
      const values = resolved(Durations.of(durations));
      expect(values.length).toBe(durations.length);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      if (values.length === 0) return;
      expect(values[0]).toBeGreaterThanOrEqual(Math.min(...durations.map(({ low }) => low)));
      expect(values.at(-1)).toBeLessThanOrEqual(Math.max(...durations.map(({ high }) => high)));
    }),
  );
});

test('what is taken out leaves nothing below zero', () => {
  expect(less({ low: 5, high: 30 }, 10)).toEqual({ low: 0, high: 20 });
});
