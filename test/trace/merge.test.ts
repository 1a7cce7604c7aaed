import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventBatch, EventWriter, copyRow } from '../../src/trace/batch.js';
import { KIND, SIDE_SQ } from '../../src/trace/event.js';
import { mergeEvents } from '../../src/trace/merge.js';
import type { MergeCounts } from '../../src/trace/merge.js';
import { plainEvents, writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { holds } from '../support/property.js';
import { BARE } from '../store/support.js';

const TOLERANCE_NS = 1_000;

/** Merges lists of events; a later list has the higher rank. */
function merge(lists: readonly (readonly PlainEvent[])[], shifts: readonly number[] = []): { events: PlainEvent[]; sources: number[]; counts: readonly MergeCounts[] } {
  const events: PlainEvent[] = [];
  const sources: number[] = [];
  const writer = new EventWriter((batch) => {
    events.push(...plainEvents(batch));
    sources.push(...batch.source.subarray(0, batch.length));
  });
  const merging = mergeEvents(
    lists.map((list, rank) => ({ batches: batchesOf(list), rank, shiftNs: shifts[rank] ?? 0, drift: 0, toleranceNs: TOLERANCE_NS })),
    writer,
  );
  let step = merging.next();
  while (step.done !== true) step = merging.next();
  writer.flush();
  return { events, sources, counts: step.value };
}

/** The events in batches of one row, each valid until the next is asked for. */
function* batchesOf(events: readonly PlainEvent[]): Generator<EventBatch> {
  const batch = new EventBatch(1);
  for (const event of events) {
    writeEvents([event], (written) => copyRow(written, 0, batch, 0), 1);
    batch.length = 1;
    yield batch;
  }
}

function doorbell(timeNs: number, value: number): PlainEvent {
  return { ...BARE, kind: KIND['doorbell.mmio'], queue: 1, side: SIDE_SQ, value, timeNs };
}

test('an event that both saw comes out once, as the one of the higher rank', () => {
  const { events, sources, counts } = merge([[doorbell(100, 1), doorbell(900, 2)], [doorbell(300, 1), doorbell(5_000, 3)]]);
  expect(events.map(({ timeNs, value }) => [timeNs, value])).toEqual([[300, 1], [900, 2], [5_000, 3]]);
  expect(sources).toEqual([1, 0, 1]);
  expect(counts).toEqual([{ kept: 1, merged: 1 }, { kept: 2, merged: 0 }]);
});

test('what lies further apart than the tolerance is two events, and so are two of one source', () => {
  const { events } = merge([[doorbell(0, 1), doorbell(10, 1)], [doorbell(TOLERANCE_NS + 11, 1)]]);
  expect(events).toHaveLength(3);
});

test('a copy without a value is completed by the other', () => {
  const { events } = merge([[doorbell(100, 7)], [doorbell(110, NaN)]]);
  expect(events.map(({ timeNs, value }) => [timeNs, value])).toEqual([[110, 7]]);
});

test('what a source says of its own loss, marks and exits is never merged', () => {
  for (const kind of [KIND.lost, KIND.mark, KIND['vm.exit'], KIND['vm.entry']]) {
    expect(merge([[{ ...BARE, kind, timeNs: 5 }], [{ ...BARE, kind, timeNs: 5 }]]).events).toHaveLength(2);
  }
});

test('three views of one event are one event', () => {
  const { events, counts } = merge([[doorbell(10, 1)], [doorbell(20, 1)], [doorbell(30, 1)]]);
  expect(events.map(({ timeNs }) => timeNs)).toEqual([30]);
  expect(counts.map(({ merged }) => merged)).toEqual([1, 1, 0]);
});

test('a capture keeps its order, also where its time stamps run backwards', () => {
  const { events } = merge([[doorbell(100, 1), doorbell(50, 2), doorbell(200, 3)], [doorbell(120, 9)]]);
  expect(events.map(({ value }) => value)).toEqual([1, 2, 9, 3]);
  expect(events.map(({ timeNs }) => timeNs)).toEqual([100, 50, 120, 200]);
});

test('sums: what goes in is kept or merged, whatever is captured; merging a capture with a late copy of itself gives it back', () => {
  const steps = fc.array(fc.record({ gapNs: fc.nat(400), value: fc.nat(3) }), { maxLength: 200 });
  holds(
    fc.property(steps, fc.nat(TOLERANCE_NS), fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }), (list, lateNs, seen) => {
      let nowNs = 0;
      const events = list.map(({ gapNs, value }) => doorbell((nowNs += gapNs), value));
      const some = events.filter((_, i) => seen[i]);
      const { events: out, counts } = merge([some, events], [lateNs, 0]);
      expect(counts[0]!.kept + counts[0]!.merged).toBe(some.length);
      expect(counts[1]!.kept + counts[1]!.merged).toBe(events.length);
      expect(out).toHaveLength(counts[0]!.kept + counts[1]!.kept);
      const whole = merge([events, events], [lateNs, 0]);
      expect(whole.events).toEqual(events);
      expect(whole.counts[0]).toEqual({ kept: 0, merged: events.length });
    }),
  );
});
