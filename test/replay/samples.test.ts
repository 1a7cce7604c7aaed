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

test('of more, one of every so many is kept, all over what came and in its order', () => {
  holds(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 20 }), (count, half) => {
      const most = 2 * half;
      const kept = keptOf(count, most);
      if (count < most) {
        expect(kept).toHaveLength(count);
        return;
      }
      expect(kept.length).toBeLessThan(most);
      // Once halved, a list has half as many at least, and one of each stretch that is over.
      const evenly = [...Array(14).keys()].map((k) => 2 ** k).filter((every) => kept.every((value, i) => Math.floor(value / every) === i) && kept.length >= Math.floor(count / every));
      expect(evenly.length).toBeGreaterThan(0);
      expect(kept.length).toBeGreaterThanOrEqual(half);
    }),
  );
});

test('what repeats itself is kept in its shares', () => {
  const kept = keptOf(1_000_000, 4096).map((value) => value % 16);
  for (let place = 0; place < 16; place++) {
    const share = kept.filter((of) => of === place).length / kept.length;
    // Of some 2,000 values at least: five standard deviations.
    expect(Math.abs(share - 1 / 16)).toBeLessThan(5 * Math.sqrt(1 / 16 / 2_000));
  }
});

test('two lists to which is pushed together keep the same places', () => {
  const [a, b] = [new Samples<number>(8), new Samples<string>(8)];
  for (let i = 0; i < 1_000; i++) {
    a.push(i);
    b.push(String(i));
  }
  expect(b.kept.map(Number)).toEqual(a.kept);
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
