// What the counts of a queue's life come to: how full its stages are, how far its indexes have moved.

import { ADMIN_OPCODES } from '../nvme/opcodes.js';
import { advance, distance } from '../nvme/ring.js';
import type { CommandLife, CqLife, SqLife } from './lives.js';

/** Whether the device took it; unlike `fetchedNs` this is known without time stamps. */
export function isFetched(command: CommandLife): boolean {
  return !Number.isNaN(command.fetchOrder);
}

/** Whether it is meant to wait in the device until something happens, so that most have no completion. [NVMe-2.0] 5.2 */
export function isEventRequest({ sq, opcode }: CommandLife): boolean {
  return sq.qid === 0 && opcode === ADMIN_OPCODES.ASYNC_EVENT_REQUEST;
}

/** The command that a completion on `cq` means: where several SQs have that identifier open, the one fetched first. */
export function openCommand(cq: CqLife, cid: number): CommandLife | undefined {
  let found: CommandLife | undefined;
  for (const sq of cq.sqs) {
    const command = sq.open.get(cid);
    if (command === undefined) continue;
    if (found === undefined || !isFetched(found) || command.fetchOrder < found.fetchOrder) found = command;
  }
  return found;
}

/** Entries that are announced and not fetched. */
export function announcedWaiting(sq: SqLife): number {
  return Math.max(sq.announced - sq.fetched, 0);
}

/** Entries of the submission queue that wait for the device. */
export function sqWaiting(sq: SqLife): number {
  return Math.max(sq.built, announcedWaiting(sq));
}

/** Commands inside the device. */
export function inDevice(sq: SqLife): number {
  return Math.max(sq.fetched - sq.completed - sq.givenUp, 0);
}

/** Entries by which the driver can move the SQ tail: a queue holds at most depth - 1 commands that haven't ended. */
export function sqRoom(sq: SqLife): number {
  return sq.depth - 1 - (sq.announced - sq.completed - sq.givenUp);
}

/** Entries by which the driver can move the CQ head. */
export function cqRoom(cq: CqLife): number {
  return cq.completed - cq.released;
}

/** Entries of the completion queue that wait for the driver. */
export function cqUnreaped(cq: CqLife): number {
  return Math.max(cq.completed - cq.reaped, 0);
}

/**
 * Entries by which a tail of `index` goes beyond what is announced; NaN when nothing is known to compare it with. Negative:
 * it lies behind what the device is taken to have fetched. A value outside the ring moves nothing: devices refuse it.
 */
export function tailStep(sq: SqLife, index: number): number {
  const depth = ringOf(sq, index);
  if (index >= depth) return 0;
  const beyondTold = distance(sq.tail, index, depth);
  const step = beyondTold - sq.lead;
  if (Number.isNaN(step) || step >= 0) return step;
  // Either it lies between what was told and what was fetched, or further laps on.
  const ahead = advance(0, step, depth);
  return ahead > sqRoom(sq) || ahead >= depth / 2 ? Math.max(ahead - depth, step) : ahead;
}

/** A doorbell tells of the tail `index`, `step` entries further by tailStep. */
export function tellTail(sq: SqLife, index: number, step: number): void {
  sq.depth = ringOf(sq, index);
  if (index >= sq.depth) return;
  sq.tail = index;
  sq.lead = step < 0 ? -step : 0;
}

/** The device fetches an entry whose announcement the capture doesn't show: what it fetches was announced. */
export function announceSilently(sq: SqLife): void {
  leadTo(sq, sq.fetched + 1);
  if (sq.told || !sq.depthInferred) sq.silent += 1;
}

/** What is taken to be fetched up to a position was announced. */
export function leadTo(sq: SqLife, position: number): void {
  if (position <= sq.announced) return;
  sq.lead += position - sq.announced;
  sq.announced = position;
  // Laps of a ring whose size is a guess can't be counted.
  if (sq.depthInferred) {
    sq.tail = NaN;
    sq.lead = 0;
  }
}

/** Moves the last known head to `index` and returns by how many entries, NaN when it was unknown; as tellTail. */
export function moveHead(cq: CqLife, index: number): number {
  cq.depth = ringOf(cq, index);
  if (index >= cq.depth) return 0;
  const by = distance(cq.head, index, cq.depth);
  cq.head = index;
  return by;
}

/** Entries of a ring in which an index was seen; an inferred size grows. */
function ringOf({ depth, depthInferred }: { readonly depth: number; readonly depthInferred: boolean }, index: number): number {
  return depthInferred ? Math.max(depth, index + 1) : depth;
}
