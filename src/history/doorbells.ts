// What register writes and shadow values tell of a driver's SQ tail and CQ head.

import type { EventBatch } from '../trace/batch.js';
import { KIND, SIDE_SQ } from '../trace/event.js';
import { distance } from '../nvme/ring.js';
import type { ControllerLife } from './controller.js';
import { announcedWaiting, cqRoom, moveHead, sqRoom, tailStep, tellTail } from './counts.js';
import type { CommandLife, CqLife, SqLife } from './lives.js';
import { completeSilently, goUnseen, lapOfTails, shake, takeBack } from './resync.js';
import type { Telling } from './telling.js';

/** A new tail or head as the device learns it. */
interface Word {
  readonly index: number;
  /** By a register write of `thread`; else the device read the shadow word. */
  readonly mmio: boolean;
  readonly thread: number;
}

/** Takes a doorbell.mmio or doorbell.shadow event. */
export function takeDoorbell(telling: Telling, controller: ControllerLife, batch: EventBatch, row: number): void {
  const mmio = batch.kind[row] === KIND['doorbell.mmio'];
  const qid = batch.queue[row]!;
  const word = { index: batch.value[row]! % 65_536, mmio, thread: batch.thread[row]! };
  // A write that an eventfd took carries no value: it is a ring, and moves nothing that could be known.
  if (Number.isNaN(word.index)) return;
  if (!mmio) controller.useShadow();
  if (batch.side[row] === SIDE_SQ) announce(telling, controller, controller.sq(qid), word);
  else reap(telling, controller, controller.cq(qid), word);
}

function announce(telling: Telling, controller: ControllerLife, sq: SqLife, { index, mmio, thread }: Word): void {
  let step = tailStep(sq, index);
  const late = mmio && controller.shadow && isLate(telling, step, sq.depth, sqRoom(sq));
  if (!late) {
    if (controller.showsCommands) step -= lapOfTails(sq, step);
    if (step > sq.depth - 1 - announcedWaiting(sq) || movesNothing(controller, mmio, step)) shake(sq.cq);
    if (sq.doubted > 0 && sq.lead > 0) step += takeBack(sq, step);
    tellTail(sq, index, step);
  }
  sq.told = true;
  // The first register write on a queue that is older than the capture announces one command at least.
  const count = late ? 0 : Number.isNaN(step) ? Number(mmio) : Math.max(step, 0);
  sq.announced += count;
  if (count > 0) sq.announcements.push({ upTo: sq.announced, timeNs: telling.nowNs });
  if (sq.announcements.length > sq.depth) sq.announcements.shift();
  for (const o of telling.observers) o.announced?.(sq, telling.nowNs, count, mmio, thread);
}

function reap(telling: Telling, controller: ControllerLife, cq: CqLife, { index, mmio, thread }: Word): void {
  const late = mmio && controller.shadow && index < cq.depth && isLate(telling, distance(cq.head, index, cq.depth), cq.depth, cqRoom(cq));
  const steps = late ? 0 : moveHead(cq, index);
  if (movesNothing(controller, mmio, steps)) shake(cq);
  if (!controller.showsCommands && steps > 0) completeSilently(cq, steps);
  // On a queue that is older than the capture, the driver is taken to have consumed all that was posted.
  cq.released += Number.isNaN(steps) ? cqRoom(cq) : steps;
  const fresh = giveBack(telling, controller, cq);
  for (const o of telling.observers) o.reaped?.(cq, telling.nowNs, fresh, mmio, thread);
}

/**
 * Takes entries that the driver gave back off the CQ.
 * @returns those that were not known to be consumed yet
 */
export function giveBack(telling: Telling, controller: ControllerLife, cq: CqLife): number {
  if (cq.released > cq.completed) {
    const unseen = cq.released - cq.completed;
    telling.evidence.excessReaps += unseen;
    // Their records are missing: the counts go on from where the driver is.
    cq.completed += unseen;
    if (controller.showsCommands) goUnseen(cq, unseen);
    shake(cq);
  }
  // Where the driver's own events told of the reaping already, the doorbell brings nothing new.
  const fresh = Math.max(cq.released - cq.reaped, 0);
  for (const command of cq.unreaped.splice(0, fresh)) passed(telling, controller, command);
  cq.reaped += fresh;
  return fresh;
}

/** The CQ head passed the command's completion. Where the driver records its commands, its record of the end is yet to come. */
function passed(telling: Telling, controller: ControllerLife, command: CommandLife): void {
  const { sq, cid } = command;
  command.reapedNs = telling.nowNs;
  if (sq.setups === 0 || controller.sqs.get(sq.qid) !== sq) {
    telling.endCommand(command);
    return;
  }
  telling.endAwaiting(sq, cid);
  sq.awaiting.set(cid, command);
}

/**
 * A trapped write waits for the device's lock, so the device may read newer shadow values before it sees the
 * register's: such a value lies behind the known one, which on a ring looks like nearly a whole lap ahead,
 * and further than the `room` that there is.
 */
function isLate(telling: Telling, ahead: number, depth: number, room: number): boolean {
  const late = ahead > room && ahead >= depth / 2;
  if (late) telling.evidence.lateDoorbells += 1;
  return late;
}

/** A write that moves nothing is there twice, or a lap is missing; with shadow doorbells a lap may go by without a write. */
function movesNothing({ shadow, showsCommands }: ControllerLife, mmio: boolean, steps: number): boolean {
  return steps === 0 && mmio && !shadow && showsCommands;
}
