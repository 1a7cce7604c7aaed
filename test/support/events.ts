// Events as plain rows, to write to a store and to compare with what comes back.

import * as fc from 'fast-check';
import { ensure } from '../../src/base/assert.js';
import { ABSENT, EventWriter } from '../../src/trace/batch.js';
import type { BatchConsumer, EventBatch } from '../../src/trace/batch.js';
import { KIND_NAMES } from '../../src/trace/event.js';
import type { AnalysisRows } from '../../src/store/analysis.js';
import type { SourceFacts, TraceFacts } from '../../src/store/ingest.js';
import type { TallyTotals } from '../../src/trace/tally.js';

export interface PlainEvent {
  readonly kind: number;
  readonly timeNs: number;
  readonly thread: number;
  readonly controller: number;
  /** 0 where it isn't given. */
  readonly source?: number;
  readonly queue: number;
  readonly side: number;
  readonly cid: number;
  readonly opcode: number;
  readonly status: number;
  readonly value: number;
  readonly extra: number;
  readonly place: number;
}

const wholeOrNaN = fc.option(fc.maxSafeInteger(), { nil: NaN });
function idOrAbsent(max: number): fc.Arbitrary<number> {
  return fc.option(fc.nat(max), { nil: ABSENT });
}

/** Any event that a batch can hold. */
export const anyEvent: fc.Arbitrary<PlainEvent> = fc.record({
  kind: fc.integer({ min: 1, max: KIND_NAMES.length }),
  timeNs: fc.option(fc.maxSafeNat(), { nil: NaN }),
  thread: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: ABSENT }),
  controller: fc.nat(255),
  queue: idOrAbsent(65535),
  side: fc.constantFrom(ABSENT, 0, 1),
  cid: idOrAbsent(65535),
  opcode: idOrAbsent(255),
  status: idOrAbsent(32767),
  value: wholeOrNaN,
  extra: wholeOrNaN,
  place: wholeOrNaN,
});

/** Writes the events in batches of `capacity` rows. */
export function writeEvents(events: readonly PlainEvent[], consume: BatchConsumer, capacity: number): void {
  const writer = new EventWriter(consume, capacity);
  for (const event of events) {
    const row = writer.add(event.kind, event.timeNs);
    writer.batch.thread[row] = event.thread;
    writer.batch.controller[row] = event.controller;
    writer.batch.source[row] = event.source ?? 0;
    writer.batch.queue[row] = event.queue;
    writer.batch.side[row] = event.side;
    writer.batch.cid[row] = event.cid;
    writer.batch.opcode[row] = event.opcode;
    writer.batch.status[row] = event.status;
    writer.batch.value[row] = event.value;
    writer.batch.extra[row] = event.extra;
    writer.batch.place[row] = event.place;
  }
  writer.flush();
}

/** The rows of a batch. */
export function plainEvents(b: EventBatch): PlainEvent[] {
  return Array.from({ length: b.length }, (_, i) => ({
    kind: cell(b.kind, i),
    timeNs: cell(b.timeNs, i),
    thread: cell(b.thread, i),
    controller: cell(b.controller, i),
    queue: cell(b.queue, i),
    side: cell(b.side, i),
    cid: cell(b.cid, i),
    opcode: cell(b.opcode, i),
    status: cell(b.status, i),
    value: cell(b.value, i),
    extra: cell(b.extra, i),
    place: cell(b.place, i),
  }));
}

function cell(column: ArrayLike<number>, row: number): number {
  return ensure(column[row], `row ${row}`);
}

/** Facts of a trace whose content is as unique as its name. */
export function factsOf(name: string): TraceFacts {
  return {
    name,
    format: 'test',
    dialect: 'none',
    sha256: Buffer.from(name).toString('hex').padEnd(64, '0'),
    source: `${name}.log`,
    bytes: 1,
    clock: 'realtime',
    originNs: 1_795_369_577_145_637_123n,
    toolVersion: '0.0.0',
  };
}

/** The only source of such a trace. */
export function sourceOf({ source, format, dialect, sha256, bytes, clock, originNs }: TraceFacts, outcome: TallyTotals): SourceFacts {
  return { source, format, dialect, sha256, bytes, clock, originNs, outcome, alignment: null };
}

/** An analysis that found nothing. */
export const NO_ANALYSIS: AnalysisRows = { version: 0, overview: {}, queues: [], occupancy: new Float64Array() };
