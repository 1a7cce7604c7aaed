import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ABSENT, EventBatch, EventWriter } from '../../src/trace/batch.js';
import { KIND, KIND_NAMES, kindName } from '../../src/trace/event.js';
import { type PlainEvent, anyEvent, plainEvents, writeEvents } from '../support/events.js';
import { holds } from '../support/property.js';

test('a batch is handed on when the next event no longer fits, and the rest at the end', () => {
  const sizes: number[] = [];
  const writer = new EventWriter((batch) => sizes.push(batch.length), 3);
  for (let i = 0; i < 3; i++) writer.add(KIND.mark, i);
  expect(sizes).toEqual([]);
  writer.add(KIND.mark, 3);
  expect(sizes).toEqual([3]);
  writer.flush();
  expect(sizes).toEqual([3, 1]);
  expect(writer.count).toBe(4);
});

test('flushing an empty batch hands nothing on', () => {
  let calls = 0;
  const writer = new EventWriter(() => (calls += 1), 2);
  writer.flush();
  writer.add(KIND.mark, 0);
  writer.add(KIND.mark, 1);
  writer.flush();
  writer.flush();
  expect(calls).toBe(1);
});

test('the events do not depend on the size of the batches', () => {
  holds(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (events, capacity) => {
      const seen: PlainEvent[] = [];
      writeEvents(events, (batch) => seen.push(...plainEvents(batch)), capacity);
      expect(seen).toEqual(events);
    }),
  );
});

test('columns that are not set are absent, also in a reused row', () => {
  const rows: PlainEvent[] = [];
  const writer = new EventWriter((batch) => rows.push(...plainEvents(batch)), 1);
  const row = writer.add(KIND['doorbell.mmio'], 5);
  const { batch } = writer;
  batch.controller[row] = 2;
  batch.queue[row] = 1;
  batch.cid[row] = 3;
  batch.value[row] = 4;
  batch.extra[row] = 6;
  batch.place[row] = 7;
  writer.add(KIND.mark, NaN);
  writer.flush();
  expect(rows[1]).toEqual({
    kind: KIND.mark,
    timeNs: NaN,
    thread: ABSENT,
    controller: 0,
    queue: ABSENT,
    side: ABSENT,
    cid: ABSENT,
    opcode: ABSENT,
    status: ABSENT,
    value: NaN,
    extra: NaN,
    place: NaN,
  });
});

test('the numbers of the kinds are 1, 2, 3 ... in the order of their names, and each leads back to its name', () => {
  expect(KIND_NAMES.map((name) => KIND[name])).toEqual(KIND_NAMES.map((_, i) => i + 1));
  expect(KIND_NAMES.map((name) => kindName(KIND[name]))).toEqual(KIND_NAMES);
  expect(() => kindName(0)).toThrow('no event kind has the number 0');
  expect(() => kindName(KIND_NAMES.length + 1)).toThrow(RangeError);
});

test('a copy in memory of its own kind has the same rows, whatever the batch held before', () => {
  holds(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 7 }), fc.array(anyEvent, { minLength: 1, maxLength: 7 }), (before, events) => {
      const copy = new EventBatch(7, new SharedArrayBuffer(EventBatch.bytesOf(7)));
      for (const rows of [before, events]) writeEvents(rows, (batch) => copy.copyFrom(batch), 9);
      expect(plainEvents(copy)).toEqual(events);
    }),
  );
  const long = new EventBatch(8);
  long.length = 8;
  expect(() => new EventBatch(7).copyFrom(long)).toThrow(/a batch for 7 rows can't take 8/);
});
