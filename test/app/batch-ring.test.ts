import * as fc from 'fast-check';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { RingReader, RingWriter, ringMemory } from '../../src/app/batch-ring.js';
import { EventWriter } from '../../src/trace/batch.js';
import { anyEvent, plainEvents, writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { holds } from '../support/property.js';

test('batches come out as they went in, round after round', () => {
  holds(
    fc.property(fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 5 }), { maxLength: 20 }), (pieces) => {
      const memory = ringMemory();
      const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
      const seen: PlainEvent[] = [];
      for (const piece of pieces) {
        writeEvents(piece, (batch) => writer.put(batch), 5);
        reader.take(piece.length, (batch) => seen.push(...plainEvents(batch)));
      }
      expect(seen).toEqual(pieces.flat());
    }),
  );
});

test('a full ring holds the writer until a batch has been taken', async () => {
  const memory = ringMemory();
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  const put = (timeNs: number): void => {
    const events = new EventWriter((batch) => writer.put(batch), 1);
    events.add(1, timeNs);
    events.flush();
  };
  const taken: number[] = [];
  for (let i = 0; i < memory.slots.length; i++) put(i);
  // The writer blocks this thread: another one frees a slot after a while, as the reader would.
  const helper = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     parentPort.once('message', () => setTimeout(() => {
       const taken = new Int32Array(workerData);
       Atomics.add(taken, 0, 1);
       Atomics.notify(taken, 0);
     }, 100));`,
    { eval: true, workerData: memory.taken },
  );
  helper.postMessage('go', []);
  put(memory.slots.length);
  // It came back after the slot was freed, not before.
  expect(Atomics.load(new Int32Array(memory.taken), 0)).toBe(1);
  for (let i = 0; i < memory.slots.length; i++) reader.take(1, (batch) => taken.push(batch.timeNs[0]!));
  expect(taken).toEqual([1, 2, 3, 4]);
  await helper.terminate();
});
