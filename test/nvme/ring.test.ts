import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, assertIndex, distance, freeEntries } from '../../src/nvme/ring.js';
import { holds } from '../support/property.js';

/** A ring of 2 .. 65536 entries with two of its indexes. */
const ring = fc
  .integer({ min: 2, max: 65_536 })
  .chain((depth) => fc.record({ depth: fc.constant(depth), from: fc.nat(depth - 1), to: fc.nat(depth - 1) }));

test('from 6, three steps on a ring of 8 lead over the end to 1', () => {
  expect(advance(6, 3, 8)).toBe(1);
  expect(distance(6, 1, 8)).toBe(3);
  expect(freeEntries(6, 1, 8)).toBe(8 - 1 - 3);
});

test('advancing by the distance arrives', () => {
  holds(fc.property(ring, ({ depth, from, to }) => advance(from, distance(from, to, depth), depth) === to));
});

test('the distance to where one advanced is the number of steps within the lap', () => {
  holds(fc.property(ring, fc.nat(200_000), ({ depth, from }, by) => distance(from, advance(from, by, depth), depth) === by % depth));
});

test('a step back undoes a step forward', () => {
  holds(fc.property(ring, ({ depth, from }) => advance(advance(from, 1, depth), -1, depth) === from));
});

test('there and back again is one lap, or none', () => {
  holds(
    fc.property(ring, ({ depth, from, to }) => {
      const lap = distance(from, to, depth) + distance(to, from, depth);
      return lap === (from === to ? 0 : depth);
    }),
  );
});

test('shifting both indexes changes no distance', () => {
  holds(
    fc.property(ring, fc.nat(65_535), ({ depth, from, to }, shift) => {
      return distance(advance(from, shift, depth), advance(to, shift, depth), depth) === distance(from, to, depth);
    }),
  );
});

test('waiting and free entries fill the ring but for the one that tells full from empty', () => {
  holds(
    fc.property(ring, ({ depth, from: head, to: tail }) => {
      const free = freeEntries(head, tail, depth);
      return free + distance(head, tail, depth) === depth - 1 && (free === 0) === (advance(tail, 1, depth) === head);
    }),
  );
});

test('an index outside the ring is refused, with the two numbers that disagree', () => {
  expect(() => assertIndex(1024, 1024)).toThrow('index 1024 is outside a ring of 1024 entries (0..1023)');
  expect(() => assertIndex(-1, 2)).toThrow(RangeError);
  expect(() => assertIndex(0.5, 2)).toThrow(RangeError);
  expect(() => assertIndex(1, 2)).not.toThrow();
});
