// Whatever driver and device do in turn, commands are neither made nor lost: random valid interleavings of a tiny
// reference model of queues, told as events.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import { inDevice, sqWaiting } from '../../src/history/counts.js';
import type { CommandLife, CqLife, SqLife } from '../../src/history/lives.js';
import { OccupancyObserver } from '../../src/history/occupancy.js';
import { NOTHING_ODD } from '../support/journal.js';
import { holds } from '../support/property.js';
import { Scene } from '../support/scene.js';

/** One queue pair as driver and device hold it; commands are their identifiers. */
class ReferenceQueue {
  readonly qid: number;
  readonly depth: number;
  readonly free: number[];
  /** In the SQ, in the device, in the CQ. */
  readonly waiting: number[] = [];
  readonly inFlight: number[] = [];
  readonly posted: number[] = [];
  tail = 0;
  head = 0;
  submitted = 0;

  constructor(qid: number, depth: number) {
    this.qid = qid;
    this.depth = depth;
    this.free = Array.from({ length: depth - 1 }, (_, cid) => 0x100 * qid + cid);
  }
}

interface World {
  readonly shadow: boolean;
  /** Whether the driver's own events are in the capture. */
  readonly driverView: boolean;
  readonly timeless: boolean;
  readonly depths: readonly number[];
  /** What happens, as [what, on which queue, a number to choose by]. */
  readonly steps: readonly (readonly [what: 'submit' | 'look' | 'fetch' | 'complete' | 'reap', queue: number, choice: number])[];
}

const world: fc.Arbitrary<World> = fc.record({
  shadow: fc.boolean(),
  driverView: fc.boolean(),
  timeless: fc.boolean(),
  depths: fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 3 }),
  steps: fc.array(fc.tuple(fc.constantFrom('submit', 'look', 'fetch', 'fetch', 'complete', 'complete', 'reap'), fc.nat(2), fc.nat(99)), {
    maxLength: 150,
  }),
});

/** Plays the world's steps as events; a step that isn't possible is skipped. `drain`: brings every command to its end. */
function play({ shadow, driverView, timeless, depths, steps }: World, drain: boolean): { scene: Scene; queues: readonly ReferenceQueue[] } {
  const scene = new Scene({ timeless });
  const queues = depths.map((depth, i) => new ReferenceQueue(i + 1, depth));
  for (const { qid, depth } of queues) scene.createQueue(qid, depth);
  if (shadow) scene.shadowOn();
  // Under shadow doorbells about half of the updates are silent, and show when the device looks.
  const rings = (choice: number): boolean => !shadow || choice % 2 === 0;

  const act = {
    submit(q: ReferenceQueue, choice: number): void {
      const cids = q.free.splice(choice % (q.free.length + 1), 1 + (choice % 3));
      if (cids.length === 0) return;
      if (driverView) for (const cid of cids) scene.setup(q.qid, cid);
      q.waiting.push(...cids);
      q.submitted += cids.length;
      q.tail = (q.tail + cids.length) % q.depth;
      if (rings(choice)) scene.sqDoorbell(q.qid, q.tail);
    },
    look(q: ReferenceQueue): void {
      if (shadow) scene.sqShadow(q.qid, q.tail).cqShadow(q.qid, q.head);
    },
    fetch(q: ReferenceQueue): void {
      const cid = q.waiting.shift();
      if (cid === undefined) return;
      if (shadow) scene.sqShadow(q.qid, q.tail);
      scene.fetch(q.qid, cid);
      q.inFlight.push(cid);
    },
    complete(q: ReferenceQueue, choice: number): void {
      const [cid] = q.inFlight.splice(choice % Math.max(q.inFlight.length, 1), 1);
      if (cid === undefined) return;
      scene.complete(q.qid, cid);
      q.posted.push(cid);
    },
    reap(q: ReferenceQueue, choice: number): void {
      const cids = q.posted.splice(0, 1 + (choice % 3));
      if (cids.length === 0) return;
      if (driverView) for (const cid of cids) scene.reap(q.qid, cid);
      q.free.push(...cids);
      q.head = (q.head + cids.length) % q.depth;
      if (rings(choice)) scene.cqDoorbell(q.qid, q.head);
    },
  };

  for (const [what, queue, choice] of steps) act[what](queues[queue % queues.length]!, choice);
  if (drain) {
    for (const q of queues) {
      while (q.waiting.length > 0) act.fetch(q);
      while (q.inFlight.length > 0) act.complete(q, 0);
      while (q.posted.length > 0) act.reap(q, 0);
      act.look(q);
    }
  }
  return { scene, queues };
}

/** Checks the order of the counts whenever anything happens. */
class Watch {
  readonly ended = new Map<CommandLife, number>();
  readonly sqs: SqLife[] = [];
  announcedCount = 0;
  reapedCount = 0;
  outOfOrder = 0;

  sqCreated(sq: SqLife): void {
    this.sqs.push(sq);
  }

  announced(sq: SqLife, _: number, count: number): void {
    this.announcedCount += count;
    this.check(sq);
  }

  fetched({ sq }: CommandLife): void {
    this.check(sq);
  }

  completed({ sq }: CommandLife): void {
    this.check(sq);
  }

  reaped(cq: CqLife, _: number, count: number): void {
    this.reapedCount += count;
    for (const sq of cq.sqs) this.check(sq);
  }

  commandEnded(command: CommandLife): void {
    this.ended.set(command, (this.ended.get(command) ?? 0) + 1);
  }

  private check(sq: SqLife): void {
    const counts = [sq.announced, sq.fetched, sq.completed, sq.cq.reaped];
    if (counts.some((count, i) => i > 0 && count > counts[i - 1]!)) this.outOfOrder += 1;
    if (sqWaiting(sq) > sq.depth - 1 || inDevice(sq) > sq.depth - 1) this.outOfOrder += 1;
  }
}

function watch(scene: Scene): { watched: Watch; history: History; levels: Map<string, number> } {
  const watched = new Watch();
  const levels = new Map<string, number>();
  const history = new History([watched, new OccupancyObserver((sq, stage, _timeNs, level) => levels.set(`${stage} ${sq.qid}`, level))]);
  scene.play((batch) => history.push(batch));
  return { watched, history, levels };
}

test('announced >= fetched >= completed >= reaped at every step, every command ends once, and all levels return to 0', () => {
  holds(
    fc.property(world, (some) => {
      const { scene, queues } = play(some, true);
      const { watched, history, levels } = watch(scene);
      const submitted = queues.reduce((sum, q) => sum + q.submitted, 0);
      expect(watched.outOfOrder).toBe(0);
      expect([...levels.values()].filter((level) => level !== 0)).toEqual([]);
      expect(watched.sqs.map((sq) => [sq.announced, sq.fetched, sq.completed, sq.cq.reaped])).toEqual(
        queues.map((q) => [q.submitted, q.submitted, q.submitted, q.submitted]),
      );
      history.end();
      expect([watched.announcedCount, watched.reapedCount, watched.ended.size]).toEqual([submitted, submitted, submitted]);
      expect([...watched.ended.values()].every((times) => times === 1)).toBe(true);
      expect(history.evidence).toEqual(NOTHING_ODD);
    }),
    500,
  );
});

test('cut off anywhere, by the end or by a reset, every command that was seen ends once', () => {
  holds(
    fc.property(world, fc.boolean(), (some, reset) => {
      const { scene, queues } = play(some, false);
      if (reset) scene.reset();
      const { watched, history } = watch(scene);
      history.end();
      const count = (of: (q: ReferenceQueue) => number): number => queues.reduce((sum, q) => sum + of(q), 0);
      // Without the driver's view nobody has seen a command that the device has not fetched.
      const unseen = some.driverView ? 0 : count((q) => q.waiting.length);
      const unfinished = count((q) => q.inFlight.length + q.waiting.length) - unseen;
      expect([...watched.ended.values()].every((times) => times === 1)).toBe(true);
      expect(watched.ended.size).toBe(count((q) => q.submitted) - unseen);
      expect(history.evidence).toEqual({ ...NOTHING_ODD, unfinishedCommands: unfinished, resets: reset ? 1 : 0 });
    }),
    500,
  );
});
