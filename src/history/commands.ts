// The steps of commands: built and consumed by the driver, taken and finished by the device, signalled.

import { ABSENT, type EventBatch } from '../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX } from '../trace/event.js';
import type { ControllerLife } from './controller.js';
import { announceSilently, isFetched, openCommand } from './counts.js';
import { giveBack } from './doorbells.js';
import { type CommandLife, type CqLife, type SqLife, newCommand } from './lives.js';
import { goUnseen, lapOfHeads, refetch, settle, shake } from './resync.js';
import type { Telling } from './telling.js';

/** Commands that may wait for their reaping on one CQ before the oldest is given up: no queue is larger. */
const MAX_UNREAPED = 65_536;
/** Commands of one queue that the driver consumed before their completion was recorded. */
const MAX_EARLY = 4096;
/** Completions not yet consumed among which a second record of one is looked for. */
const MAX_REPEATED = 256;

/** The driver built a command. */
export function setUp(telling: Telling, controller: ControllerLife, sq: SqLife, batch: EventBatch, row: number): void {
  controller.showsCommands = true;
  const cid = batch.cid[row]!;
  const open = sq.open.get(cid);
  if (open !== undefined) giveUp(telling, open);
  telling.endAwaiting(sq, cid);
  sq.early.delete(cid);
  const command = newCommand(sq, cid, batch.opcode[row]!);
  command.position = sq.setups++;
  sq.built += 1;
  command.setupNs = telling.nowNs;
  command.slba = batch.value[row]!;
  command.blocks = batch.extra[row]!;
  sq.open.set(cid, command);
  for (const o of telling.observers) o.setUp?.(command, telling.nowNs);
}

/** The device took a command. */
export function fetch(telling: Telling, controller: ControllerLife, sq: SqLife, batch: EventBatch, row: number): void {
  controller.showsCommands = true;
  const cid = batch.cid[row]!;
  let command = sq.open.get(cid);
  if (command === undefined || isFetched(command)) {
    if (command !== undefined) giveUp(telling, command);
    command = newCommand(sq, cid, batch.opcode[row]!);
    sq.open.set(cid, command);
    sq.early.delete(cid);
  } else {
    sq.built -= 1;
  }
  if (sq.fetched >= sq.announced) {
    announceSilently(sq);
    controller.silent = true;
    for (const o of telling.observers) o.announced?.(sq, telling.nowNs, 1, false, ABSENT);
  }
  command.position = sq.fetched++;
  command.fetchOrder = controller.fetches++;
  command.fetchedNs = telling.nowNs;
  while (sq.announcements.length > 0 && sq.announcements[0]!.upTo <= command.position) sq.announcements.shift();
  command.announcedNs = sq.announcements[0]?.timeNs ?? NaN;
  controller.lastFetched = command;
  for (const o of telling.observers) o.fetched?.(command, telling.nowNs);
}

/** What the command that was fetched last reads or writes. */
export function range({ lastFetched }: ControllerLife, batch: EventBatch, row: number): void {
  if (lastFetched === undefined || lastFetched.cid !== batch.cid[row]) return;
  lastFetched.slba = batch.value[row]!;
  lastFetched.blocks = batch.extra[row]!;
}

/** The device finished a command. */
export function complete(telling: Telling, controller: ControllerLife, batch: EventBatch, row: number): void {
  controller.showsCommands = true;
  const cq = controller.cq(batch.queue[row]!);
  const cid = batch.cid[row]!;
  controller.lastCompletedCq = cq;
  if (cq.qid === 0) controller.settleCreation(cid, batch.status[row]!);
  const command = openCommand(cq, cid);
  if (command === undefined) {
    unmatched(telling, controller, cq, cid);
    return;
  }
  const { sq } = command;
  cq.completed += 1;
  sq.open.delete(cid);
  sq.completed += 1;
  command.completed = true;
  command.completedNs = telling.nowNs;
  command.status = batch.status[row]!;
  cq.unreaped.push(command);
  if (cq.unreaped.length > MAX_UNREAPED) {
    cq.reaped += 1;
    telling.endCommand(cq.unreaped.shift()!);
  }
  settle(sq, telling);
  missedLap(telling, controller, cq);
  for (const o of telling.observers) o.completed?.(command, telling.nowNs);
}

/** A completion of a command that isn't open: the record of its fetch is missing, or this one is there twice. */
function unmatched(telling: Telling, controller: ControllerLife, cq: CqLife, cid: number): void {
  // The driver's record of it came first, where the clocks of two captures are not aligned to the nanosecond.
  if (cq.sqs.some((sq) => sq.early.delete(cid))) return;
  telling.evidence.unmatchedCompletions += 1;
  if (!isRepeated(controller, cq, cid)) {
    cq.completed += 1;
    goUnseen(cq, 1);
  }
  shake(cq);
  missedLap(telling, controller, cq);
}

/** A lap of heads is missing from the capture: what it gave back is gone. */
function missedLap(telling: Telling, controller: ControllerLife, cq: CqLife): void {
  const lap = lapOfHeads(cq);
  if (lap === 0) return;
  cq.released += lap;
  const fresh = giveBack(telling, controller, cq);
  for (const o of telling.observers) o.reaped?.(cq, telling.nowNs, fresh, false, ABSENT);
}

/** Whether a completion must be the second record of one: the driver can't use its identifier again before it has consumed the first. */
function isRepeated({ shadow, silent }: ControllerLife, cq: CqLife, cid: number): boolean {
  // With shadow doorbells the device learns late what was consumed; but then it knows what was announced.
  if ((shadow || silent) && cq.sqs.some((sq) => sq.announced > sq.fetched)) return false;
  for (let at = cq.unreaped.length - 1; at >= 0 && at >= cq.unreaped.length - MAX_REPEATED; at--) {
    if (cq.unreaped[at]!.cid === cid) return true;
  }
  return false;
}

/** The driver's own record of one consumed completion. */
export function reapOne(telling: Telling, controller: ControllerLife, batch: EventBatch, row: number): void {
  const cid = batch.cid[row]!;
  const sq = controller.sqs.get(batch.queue[row]!);
  if (batch.queue[row] === 0) controller.settleCreation(cid, batch.status[row]!);
  const passed = sq?.awaiting.get(cid);
  if (passed !== undefined) {
    passed.finishedNs = telling.nowNs;
    telling.endAwaiting(passed.sq, cid);
    return;
  }
  const command = sq === undefined ? undefined : consumed(sq, cid);
  if (command === undefined) {
    telling.evidence.unmatchedCompletions += 1;
    return;
  }
  const { cq } = command.sq;
  cq.reaped += 1;
  command.reapedNs = telling.nowNs;
  command.finishedNs = telling.nowNs;
  command.completed = true;
  telling.endCommand(command);
  for (const o of telling.observers) o.reaped?.(cq, telling.nowNs, 1, false, ABSENT);
}

/** Takes the command that the driver consumed from where it is; steps that only the device's events show are made up for. */
function consumed(sq: SqLife, cid: number): CommandLife | undefined {
  const { cq } = sq;
  const at = cq.unreaped.findIndex((command) => command.cid === cid && command.sq === sq);
  if (at >= 0) return cq.unreaped.splice(at, 1)[0];
  const command = sq.open.get(cid);
  if (command === undefined) return undefined;
  sq.open.delete(cid);
  sq.completed += 1;
  cq.completed += 1;
  if (isFetched(command)) {
    if (sq.early.size < MAX_EARLY) sq.early.add(cid);
  } else {
    sq.built -= 1;
    sq.fetched += 1;
  }
  return command;
}

/** The device signalled a completion queue. */
export function interrupt(telling: Telling, controller: ControllerLife, batch: EventBatch, row: number): void {
  if (batch.extra[row] === INTERRUPT_MASKED) return;
  const named = batch.queue[row]!;
  const byVector = batch.extra[row] === INTERRUPT_MSIX ? controller.cqByVector.get(batch.value[row]!) : undefined;
  const cq = named === ABSENT ? (byVector ?? controller.lastCompletedCq) : controller.cq(named);
  if (cq === undefined) return;
  for (let i = cq.unreaped.length - 1; i >= 0 && Number.isNaN(cq.unreaped[i]!.interruptNs); i--) {
    cq.unreaped[i]!.interruptNs = telling.nowNs;
  }
  for (const o of telling.observers) o.interrupted?.(cq, telling.nowNs);
}

/** Its identifier is used anew, so the command passed the device and ended, though the capture doesn't show it. */
function giveUp(telling: Telling, command: CommandLife): void {
  const { sq } = command;
  if (isFetched(command)) {
    refetch(sq);
    shake(sq.cq);
  } else {
    sq.built -= 1;
    sq.fetched += 1;
    sq.givenUp += 1;
  }
  telling.endUnfinished(command);
}
