// The lives that a recording tells of: controllers, submission and completion queues, commands.
// Positions count entries since the queue's creation and never wrap; indexes wrap at the queue's depth.

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
  /**
   * Records contradicted each other on this queue pair: until so many entries are posted, further contradictions are taken
   * for consequences of the first, and counts prove nothing. See resync.ts.
   */
  shakenUntil: number;
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
  /** The tail index that a doorbell told last; NaN when the queue is older than the capture and its tail has not shown yet. */
  tail: number;
  /** Entries beyond that tail which the device is taken to have fetched: no doorbell has told of them yet. */
  lead: number;
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
  /** Entries counted as fetched that need not be: they went by unseen, or were fetched twice. See resync.ts. */
  doubted: number;
  /** Whether a doorbell has told of the tail since an entry was doubted last. */
  toldSinceDoubt: boolean;
  /** Of `givenUp`, commands whose identifier was fetched anew: their completion is missing, or the fetch is there twice. */
  refetched: number;
  /** Commands in `open` that have ended although the capture doesn't show it; which ones is not known. */
  stale: number;
  /** Commands by cid, from set-up or fetch to completion. */
  readonly open: Map<number, CommandLife>;
  /** Commands by cid that the CQ head has passed and whose completion the driver has not recorded yet, where it records them. */
  readonly awaiting: Map<number, CommandLife>;
  /** Identifiers of commands that the driver consumed and whose completion is yet to be recorded. */
  readonly early: Set<number>;
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
  return { ...facts, whole: !facts.depthInferred, closedNs: NaN, head: 0, completed: 0, released: 0, reaped: 0, shakenUntil: 0, unreaped: [], sqs: [] };
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
    lead: 0,
    setups: 0,
    announced: 0,
    fetched: 0,
    completed: 0,
    givenUp: 0,
    built: 0,
    unseen: 0,
    doubted: 0,
    toldSinceDoubt: true,
    refetched: 0,
    stale: 0,
    shadow: false,
    told: false,
    silent: 0,
    open: new Map(),
    awaiting: new Map(),
    early: new Set(),
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
