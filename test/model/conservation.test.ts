// Whatever the load, the policy, the host and the chance: nothing is lost, made twice, or out of order.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import { COSTS } from '../support/machine.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import type { EventBatch } from '../../src/trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { type PlainEvent, writeEvents } from '../support/events.js';
import { NOTHING_ODD } from '../support/journal.js';
import { load, play } from '../support/loads.js';
import { TIMED_SQ } from '../support/policies.js';
import { holds } from '../support/property.js';

/** Counts of one queue, from its events. */
interface Counts {
  submitted: number;
  fetched: number;
  completed: number;
  reaped: number;
  /** Announcements of the CQ head: passes that found something. */
  passes: number;
  lastReapNs: number;
  readonly mmio: [number, number];
}

/** Follows the counts; calls `check` after each event that belongs to a queue. */
function follow(events: readonly PlainEvent[], check: (counts: Counts, event: PlainEvent) => void): Map<number, Counts> {
  const queues = new Map<number, Counts>();
  for (const event of events) {
    if (event.queue < 0) continue;
    let counts = queues.get(event.queue);
    if (counts === undefined) {
      counts = { submitted: 0, fetched: 0, completed: 0, reaped: 0, passes: 0, lastReapNs: NaN, mmio: [0, 0] };
      queues.set(event.queue, counts);
    }
    if (event.kind === KIND['command.setup']) counts.submitted += 1;
    if (event.kind === KIND['command.fetch']) counts.fetched += 1;
    if (event.kind === KIND['command.complete']) counts.completed += 1;
    if (event.kind === KIND['command.reap']) {
      counts.reaped += 1;
      if (event.timeNs !== counts.lastReapNs) counts.passes += 1;
      counts.lastReapNs = event.timeNs;
    }
    if (event.kind === KIND['doorbell.mmio']) counts.mmio[event.side === SIDE_CQ ? SIDE_CQ : SIDE_SQ] += 1;
    check(counts, event);
  }
  return queues;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, n) => total + n, 0);
}

test('submitted = fetched = completed = reaped, unless a stall says where the rest is', () => {
  holds(
    fc.property(load, (some) => {
      const result = play(some);
      const counts = follow(result.events, () => {});
      expect(result.runaway).toBe(false);
      // No policy of the catalogue loses a wake-up where every queue's CQ is as deep as its SQ.
      expect(result.stalls).toEqual([]);
      for (const [i, { batches }] of some.queues.entries()) {
        const all = sum(batches);
        expect(counts.get(i + 1)).toMatchObject({ submitted: all, fetched: all, completed: all, reaped: all });
      }
      const all = sum(some.queues.flatMap(({ batches }) => batches));
      expect([result.submitted, result.reaped]).toEqual([all, all]);
    }),
    300,
  );
});

test('with CQs too small for what completes, each queue either finishes or is reported with what it lacks', () => {
  let stalled = 0;
  holds(
    fc.property(load, fc.integer({ min: 2, max: 5 }), (some, cqDepth) => {
      const result = play(some, cqDepth);
      // A queue that stands still for good is cut off where a timer goes on.
      if (!TIMED_SQ.includes(some.sqPolicy.id) || result.stalls.length === 0) expect(result.runaway).toBe(false);
      const counts = follow(result.events, () => {});
      for (const [i, { batches }] of some.queues.entries()) {
        const { submitted, fetched, completed, reaped } = counts.get(i + 1)!;
        const stall = result.stalls.find(({ qid }) => qid === i + 1);
        expect(stall === undefined).toBe(reaped === sum(batches));
        if (stall === undefined) continue;
        stalled += 1;
        expect(stall.atNs).toBe(result.durationNs);
        expect(stall.waiting).toBeGreaterThan(0);
        expect(stall.waiting).toBeLessThanOrEqual(sum(batches) - reaped);
        if (stall.what === 'commands wait in the SQ') expect(stall.waiting).toBe(submitted - fetched);
        if (stall.what === 'commands wait in the device') expect(stall.waiting).toBe(fetched - completed);
      }
    }),
    200,
  );
  expect(stalled).toBeGreaterThan(0);
});

test('no event comes before its cause, no time goes back, and no ring overruns', () => {
  holds(
    fc.property(load, (some) => {
      const { events } = play(some);
      let wrong = 0;
      let lastNs = 0;
      follow(events, ({ submitted, fetched, completed, reaped }, { queue: qid, timeNs }) => {
        const room = some.queues[qid - 1]!.depth - 1;
        if (timeNs < lastNs) wrong += 1;
        if (!(submitted >= fetched && fetched >= completed && completed >= reaped)) wrong += 1;
        if (submitted - fetched > room || submitted - reaped > room) wrong += 1;
        lastNs = timeNs;
      });
      expect(wrong).toBe(0);
    }),
    300,
  );
});

test('rings and suppressed updates are all announcements', () => {
  // With a write that needs no lock, the vCPUs' doorbell time is the rings' and the suppressed updates' cost, and no more.
  const free = TRANSPORTS.filter(({ needsLock, notifies }) => !needsLock && notifies !== false);
  holds(
    fc.property(load, fc.constantFrom(...free), (some, transport) => {
      const result = play({ ...some, transport });
      const counts = [...follow(result.events, () => {}).values()];
      const rings = sum(counts.flatMap(({ mmio }) => mmio));
      const sqAnnouncements = sum(some.queues.map(({ batches }) => (some.driver.batched ? batches.length : sum(batches))));
      const announcements = sqAnnouncements + sum(counts.map(({ passes }) => passes));
      const suppressed = announcements - rings;
      expect(suppressed).toBeGreaterThanOrEqual(0);
      if (!some.shadow || some.sqPolicy.id === 'P0') expect(suppressed).toBe(0);
      expect(result.vcpuDoorbellNs).toBeCloseTo(rings * transport.vcpuNs + suppressed * COSTS.shadowUpdateNs, 3);
    }),
    300,
  );
});

test('the history of a run finds nothing odd in it', () => {
  holds(
    fc.property(load, (some) => {
      const { events } = play(some);
      const history = new History([]);
      writeEvents(events, (batch) => history.push(batch), 64);
      history.end();
      expect(history.evidence).toEqual(NOTHING_ODD);
    }),
    100,
  );
});

/** A hash over every column of every event. */
function hashOf(events: readonly PlainEvent[]): string {
  const hash = createHash('sha256');
  const columns = ['kind', 'timeNs', 'thread', 'controller', 'queue', 'side', 'cid', 'opcode', 'status', 'value', 'extra', 'place'] as const satisfies readonly (keyof EventBatch)[];
  writeEvents(
    events,
    (batch) => {
      for (const column of columns) hash.update(Float64Array.from(batch[column].subarray(0, batch.length)));
    },
    512,
  );
  return hash.digest('hex');
}

test('the same seed gives the same events, another seed gives others', () => {
  holds(
    fc.property(load, (some) => {
      const busy = { ...some, queues: some.queues.map((q) => ({ ...q, batches: [1, ...q.batches] })) };
      const hash = hashOf(play(busy).events);
      expect(hashOf(play(busy).events)).toBe(hash);
      expect(hashOf(play({ ...busy, seed: busy.seed + 1 }).events)).not.toBe(hash);
    }),
    60,
  );
});
