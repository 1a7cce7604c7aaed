import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Samples } from '../../src/replay/samples.js';
import { holds } from '../support/property.js';

function keptOf(count: number, most: number): readonly number[] {
  const samples = new Samples<number>(most);
  for (let i = 0; i < count; i++) samples.push(i);
  return samples.kept;
}

test('fewer than the most are all kept', () => {
  expect(keptOf(7, 8)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('more are thinned out evenly, in their order', () => {
  expect(keptOf(8, 8)).toEqual([0, 2, 4, 6]);
  expect(keptOf(14, 8)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  expect(keptOf(15, 8)).toEqual([0, 4, 8, 12]);
});

test('of any number between a half and all of the most are kept, as far apart as one another', () => {
  holds(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 2, max: 20 }), (count, half) => {
      const kept = keptOf(count, 2 * half);
      expect(kept.length).toBeLessThanOrEqual(2 * half);
      if (count >= 2 * half) expect(kept.length).toBeGreaterThanOrEqual(half);
      const every = (kept[1] ?? 1) - kept[0]!;
      expect(kept).toEqual(Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every).slice(0, kept.length));
      expect(count - kept.at(-1)!).toBeLessThanOrEqual(every);
    }),
  );
});

test('what is taken back was never there', () => {
  holds(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (takeBacks) => {
      const samples = new Samples<number>(8);
      const plain: number[] = [];
      for (const [i, takeBack] of takeBacks.entries()) {
        samples.push(i);
        if (takeBack) samples.takeBack();
        else plain.push(i);
      }
      // Which are kept depends on how many there were, never on what was taken back.
      for (const value of samples.kept) expect(plain).toContain(value);
      if (plain.length < 8 && takeBacks.length < 8) expect(samples.kept).toEqual(plain);
    }),
  );
});
