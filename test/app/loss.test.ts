// Doorbell writes that a capture has missed: whatever is taken out of a whole one, the bounds hold the true count.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MmioBounds } from '../../src/history/loss.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { analysed } from '../support/analysed.js';
import { writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { BATCHED, FixedWork, PER_COMMAND, rings, run } from '../support/machine.js';
import { holds } from '../support/property.js';
import { BARE } from '../store/support.js';

function boundsOf(events: readonly PlainEvent[], missing = 0): MmioBounds {
  return analysed((consume) => writeEvents(events, consume, 256), missing).analysis.overview.bounds;
}

function contains({ low, high }: MmioBounds['total'], count: number): boolean {
  return low <= count && (high === null || count <= high);
}

const loads = fc.record({
  shadow: fc.boolean(),
  driver: fc.constantFrom(BATCHED, PER_COMMAND),
  depth: fc.integer({ min: 2, max: 30 }),
  batches: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 30 }),
});

test('a whole capture is certain', () => {
  holds(
    fc.property(loads, ({ shadow, driver, depth, batches }) => {
      const result = run([{ work: new FixedWork(batches.map((n) => Math.min(n, depth - 1)), 20), sqDepth: depth }], { shadow, driver });
      const { sq, cq } = rings(result);
      expect(boundsOf(result.events)).toMatchObject({ sq: { low: sq, high: sq }, cq: { low: cq, high: cq }, total: { low: sq + cq, high: sq + cq } });
    }),
    100,
  );
});

test('records that the capture says it lost widen the bounds by as many, and these hold the truth', () => {
  holds(
    fc.property(loads, fc.array(fc.nat(5), { minLength: 400, maxLength: 400 }), ({ shadow, driver, depth, batches }, dice) => {
      const { events, ...result } = run([{ work: new FixedWork(batches.map((n) => Math.min(n, depth - 1)), 20), sqDepth: depth }], { shadow, driver });
      const { sq, cq } = rings({ ...result, events });
      const kept = events.filter((event, i) => event.kind === KIND['queue.create'] || dice[i % dice.length] !== 0);
      const bounds = boundsOf(kept, events.length - kept.length);
      expect({ bounds, sq, cq, holds: contains(bounds.sq, sq) && contains(bounds.cq, cq) && contains(bounds.total, sq + cq) }).toEqual({ bounds, sq, holds: true, cq });
    }),
  );
});

test('doorbell writes that vanish in silence leave commands that nothing told of', () => {
  const result = run([{ work: new FixedWork(Array.from({ length: 50 }, () => 1), 1), sqDepth: 16 }], { shadow: false, driver: PER_COMMAND });
  const { sq, cq } = rings(result);
  const silent = result.events.filter(({ kind }) => kind !== KIND['doorbell.mmio']);
  const bounds = boundsOf(silent);
  // A write announces 15 commands at most; a completion queue of 16 entries can keep 15 of the 50.
  expect(bounds.sq).toEqual({ low: Math.ceil(50 / 15), high: sq });
  expect(bounds.cq).toEqual({ low: Math.ceil((50 - 15) / 15), high: 50 });
  expect(cq).toBe(50);
});

test('a capture that lost records and does not say how many has no upper bound', () => {
  const events = [
    { ...BARE, kind: KIND['doorbell.mmio'], queue: 1, side: SIDE_SQ, value: 1 },
    { ...BARE, kind: KIND.lost },
    { ...BARE, kind: KIND['doorbell.mmio'], queue: 1, side: SIDE_CQ, value: 1 },
  ];
  expect(boundsOf(events)).toMatchObject({ sq: { low: 1, high: null }, cq: { low: 1, high: null }, total: { low: 2, high: null } });
});

test('where commands are announced one by one, a write that passes over entries can stand for several', () => {
  const { events } = run([{ work: new FixedWork(Array.from({ length: 400 }, () => 1), 30), sqDepth: 64 }], { shadow: false, driver: PER_COMMAND });
  const writes = events.filter(({ kind, side }) => kind === KIND['doorbell.mmio'] && side === SIDE_SQ);
  const lost = new Set(writes.slice(50, 53));
  const bounds = boundsOf(events.filter((event) => !lost.has(event)));
  expect(writes).toHaveLength(400);
  expect(bounds.sq.low).toBeLessThanOrEqual(400);
  expect(bounds.sq.high).toBe(400);
});
