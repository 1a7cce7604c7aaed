// The lives that a recording tells of: controllers, submission and completion queues, commands.
// Positions count entries since the queue's creation and never wrap; indexes wrap at the queue's depth.

import { advance, distance } from '../nvme/ring.js';

/** A completion queue from creation to deletion (or to the end of the capture). */
export interface CqLife {
  readonly controller: number;
  readonly qid: number;
  /** Entries. When the creation wasn't captured: the smallest depth that fits what was seen. */
  depth: number;
  depthInferred: boolean;
  /** MSI-X vector, or -1 without interrupts. */
  readonly vector: number;
  readonly createdNs: number;
  closedNs: number;
  /** Last known head index. */
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
  depth: number;
  depthInferred: boolean;
  readonly createdNs: number;
  closedNs: number;
  /** Last known tail index. */
  tail: number;
  /** Entries that the driver built (where the driver's own events were captured), announced, and the device fetched and finished. */
  setups: number;
  announced: number;
  fetched: number;
  completed: number;
  /** Commands by cid, from set-up or fetch to completion. */
  readonly open: Map<number, CommandLife>;
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
  setupNs: number;
  /** When the device could first know of it: the doorbell write, or the device's first read of a shadow value beyond it. */
  announcedNs: number;
  fetchedNs: number;
  completedNs: number;
  interruptNs: number;
  /** When the driver told the device that it consumed the completion, or consumed it where the driver's events were captured. */
  reapedNs: number;
  status: number;
  /** First LBA and number of blocks; NaN when unknown. */
  slba: number;
  blocks: number;
}

/** Entries of the submission queue that wait for the device. */
export function sqWaiting(sq: SqLife): number {
  return Math.max(sq.setups, sq.announced, sq.fetched) - sq.fetched;
}

/** Commands inside the device. */
export function inDevice(sq: SqLife): number {
  return sq.fetched - sq.completed;
}

/** Entries of the completion queue that wait for the driver. */
export function cqUnreaped(cq: CqLife): number {
  return Math.max(cq.completed - cq.reaped, 0);
}

/** Moves the last known tail to `index` and returns by how many entries; learns an inferred depth on the way. */
export function moveTail(sq: SqLife, index: number): number {
  const by = moved(sq, sq.tail, index);
  sq.tail = index;
  return by;
}

/** Moves the last known head to `index` and returns by how many entries; learns an inferred depth on the way. */
export function moveHead(cq: CqLife, index: number): number {
  const by = moved(cq, cq.head, index);
  cq.head = index;
  return by;
}

function moved(queue: { depth: number; depthInferred: boolean }, from: number, to: number): number {
  if (queue.depthInferred && Math.max(from, to) >= queue.depth) queue.depth = Math.max(from, to) + 1;
  if (to >= queue.depth) return 0;
  return distance(advance(from, 0, queue.depth), to, queue.depth);
}
