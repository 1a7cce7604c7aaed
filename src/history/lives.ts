// The lives that a recording tells of: controllers, submission and completion queues, commands.
// Positions count entries since the queue's creation and never wrap; indexes wrap at the queue's depth.

import { advance, distance } from '../nvme/ring.js';
import { ABSENT } from '../trace/batch.js';

/** A completion queue from creation to deletion (or to the end of the capture). */
export interface CqLife {
  readonly controller: number;
  readonly qid: number;
  /** Entries. When the creation wasn't captured: the smallest depth that fits what was seen. */
  depth: number;
  depthInferred: boolean;
  /** MSI-X vector, or -1 without interrupts. */
  readonly vector: number;
  /** Whether the capture shows it from its creation on, with nothing reported lost: only then do counts of entries prove anything. */
  whole: boolean;
  readonly createdNs: number;
  closedNs: number;
  /** Last known head index; NaN when the queue is older than the capture and its head has not shown yet. */
  head: number;
  /** Entries posted. */
  completed: number;
  /** Entries given back to the device, as its CQ head tells. */
  released: number;
  /** Entries that the driver is known to have consumed, by the CQ head or by its own events. */
  reaped: number;
  /** Commands completed and not yet known to be consumed, oldest first. */
  readonly unreaped: CommandLife[];
  readonly sqs: SqLife[];
}

/** A submission queue from creation to deletion (or to the end of the capture). */
export interface SqLife {
  readonly controller: number;
  /** Which life of its controller it belongs to: every reset and every enable begins a new one. */
  readonly epoch: number;
  readonly qid: number;
  readonly cq: CqLife;
  /** As of a completion queue. */
  whole: boolean;
  depth: number;
  depthInferred: boolean;
  readonly createdNs: number;
  closedNs: number;
  /** Last known tail index; NaN when the queue is older than the capture and its tail has not shown yet. */
  tail: number;
  /** Entries that the driver built (where the driver's own events were captured), announced, and the device fetched and finished. */
  setups: number;
  announced: number;
  fetched: number;
  completed: number;
  /** Fetched commands whose completion the capture doesn't show, although they must have ended. */
  givenUp: number;
  /** Whether shadow doorbells were in use during its life: configured, or shadow values were read. */
  shadow: boolean;
  /** Whether a doorbell or a shadow value has told of its tail. */
  told: boolean;
  /**
   * Entries that the device fetched although no doorbell and no shadow value told of them. On a queue that is older than the
   * capture those before the first doorbell don't count: they can have been announced before the capture began.
   */
  silent: number;
  /** Commands that the driver built and the device has not fetched yet, as far as is known. */
  built: number;
  /** Entries that went by unseen, as completions and CQ heads tell: records of them are missing. */
  unseen: number;
  /** Commands by cid, from set-up or fetch to completion. */
  readonly open: Map<number, CommandLife>;
  /** Commands by cid that the CQ head has passed and whose completion the driver has not recorded yet, where it records them. */
  readonly awaiting: Map<number, CommandLife>;
  /** Announcements that the device has not fetched up to yet, oldest first. */
  readonly announcements: Announcement[];
}

/** The driver made entries up to a position known to the device. */
export interface Announcement {
  readonly upTo: number;
  readonly timeNs: number;
}

/** What is known of one command. Times are NaN where the capture doesn't show the step. */
export interface CommandLife {
  readonly sq: SqLife;
  readonly cid: number;
  opcode: number;
  /** Position in its SQ, from 0. */
  position: number;
  /** How many commands the device fetched before this one, on all queues; NaN until it is fetched. */
  fetchOrder: number;
  setupNs: number;
  /** When the device could first know of it: the doorbell write, or the device's first read of a shadow value beyond it. */
  announcedNs: number;
  fetchedNs: number;
  completedNs: number;
  interruptNs: number;
  /** When the driver is first known to have consumed the completion: its CQ head passed it, or the driver's own record. */
  reapedNs: number;
  /** When the driver recorded that the command is finished, which Linux does after it moved the CQ head. [LINUX nvme_complete_rq] */
  finishedNs: number;
  status: number;
  /** Whether the device finished it or the driver consumed it, as far as is known; unlike the times also without time stamps. */
  completed: boolean;
  /** First LBA and number of blocks; NaN when unknown. */
  slba: number;
  blocks: number;
}

/** A completion queue that begins to live, empty, at index 0. */
export function newCq(
  facts: Pick<CqLife, 'controller' | 'qid' | 'depth' | 'depthInferred' | 'vector' | 'createdNs'>,
): CqLife {
  return { ...facts, whole: !facts.depthInferred, closedNs: NaN, head: 0, completed: 0, released: 0, reaped: 0, unreaped: [], sqs: [] };
}

/** A submission queue that begins to live, empty, at index 0. */
export function newSq(
  facts: Pick<SqLife, 'controller' | 'epoch' | 'qid' | 'cq' | 'depth' | 'depthInferred' | 'createdNs'>,
): SqLife {
  return {
    ...facts,
    whole: !facts.depthInferred,
    closedNs: NaN,
    tail: 0,
    setups: 0,
    announced: 0,
    fetched: 0,
    completed: 0,
    givenUp: 0,
    built: 0,
    unseen: 0,
    shadow: false,
    told: false,
    silent: 0,
    open: new Map(),
    awaiting: new Map(),
    announcements: [],
  };
}

export function newCommand(sq: SqLife, cid: number, opcode: number): CommandLife {
  return {
    sq,
    cid,
    opcode,
    position: NaN,
    fetchOrder: NaN,
    setupNs: NaN,
    announcedNs: NaN,
    fetchedNs: NaN,
    completedNs: NaN,
    interruptNs: NaN,
    reapedNs: NaN,
    finishedNs: NaN,
    status: ABSENT,
    completed: false,
    slba: NaN,
    blocks: NaN,
  };
}

/** Whether the device took it; unlike `fetchedNs` this is known without time stamps. */
export function isFetched(command: CommandLife): boolean {
  return !Number.isNaN(command.fetchOrder);
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

/** Entries of the submission queue that wait for the device. */
export function sqWaiting(sq: SqLife): number {
  return Math.max(sq.built, sq.announced - sq.fetched, 0);
}

/** Commands inside the device. */
export function inDevice(sq: SqLife): number {
  return sq.fetched - sq.completed - sq.givenUp;
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
 * Moves the last known tail to `index` and returns by how many entries, NaN when it was unknown; learns an inferred
 * depth on the way. A value outside the ring moves nothing: devices refuse it.
 */
export function moveTail(sq: SqLife, index: number): number {
  const by = moved(sq, sq.tail, index);
  if (index < sq.depth) sq.tail = index;
  return by;
}

/** The device fetches an entry whose announcement the capture doesn't show: what it fetches was announced. */
export function announceSilently(sq: SqLife): void {
  sq.announced = sq.fetched + 1;
  if (sq.told || !sq.depthInferred) sq.silent += 1;
  sq.tail = sq.depthInferred ? NaN : advance(sq.tail, 1, sq.depth);
}

/** The driver gives back entries in a capture that shows doorbells only: as many commands went all the way. */
export function completeSilently(cq: CqLife, count: number): void {
  cq.completed += count;
  goUnseen(cq, count);
}

/**
 * So many commands of the queue went through the device without a record. They are taken to be of the SQ that has most
 * announced commands waiting, so that none ends that was never announced.
 */
export function goUnseen(cq: CqLife, count: number): void {
  for (let left = count; left > 0; ) {
    const sq = cq.sqs.reduce<SqLife | undefined>((most, one) => (most === undefined || waitingOf(one) > waitingOf(most) ? one : most), undefined);
    const done = sq === undefined ? 0 : Math.min(left, Math.max(waitingOf(sq), 0));
    if (sq === undefined || done === 0) return;
    sq.fetched += done;
    sq.completed += done;
    sq.unseen += done;
    left -= done;
  }
}

function waitingOf(sq: SqLife): number {
  return sq.announced - sq.fetched;
}

/** Moves the last known head; as moveTail. */
export function moveHead(cq: CqLife, index: number): number {
  const by = moved(cq, cq.head, index);
  if (index < cq.depth) cq.head = index;
  return by;
}

function moved(queue: { depth: number; depthInferred: boolean }, from: number, to: number): number {
  if (queue.depthInferred) queue.depth = Math.max(queue.depth, to + 1);
  return to < queue.depth ? distance(from, to, queue.depth) : 0;
}
