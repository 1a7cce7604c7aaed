// What a recording says happened: a fold over normalized events that follows controllers, queues and
// commands through their lives and tells observers about each step. Holds only what is open, so memory
// is bounded by the commands outstanding, not by the length of the capture.
//
// Two views may be present at once and complete each other: the driver's (command.setup, command.reap) and
// the device's (fetch, complete, doorbells, shadow reads). Rules of matching: reference [QEMU hw/nvme/ctrl.c],
// [LINUX drivers/nvme/host/pci.c], [NVMe-2.0] 3.3.

import { distance } from '../nvme/ring.js';
import { ABSENT, type EventBatch } from '../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, KIND, SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import {
  type CommandLife,
  type CqLife,
  type SqLife,
  announceSilently,
  cqRoom,
  isFetched,
  moveHead,
  moveTail,
  newCommand,
  newCq,
  newSq,
  openCommand,
  sqRoom,
} from './lives.js';
import type { HistoryObserver } from './observer.js';

/** Commands that may wait for their reaping on one CQ before the oldest is given up: no queue is larger. */
const MAX_UNREAPED = 65_536;
/** Admin queue entries when neither AQA nor a creation was captured; replaced by what is seen. */
const UNKNOWN_DEPTH = 2;

/** How sure the history is: what had to be inferred, and what doesn't fit together. */
export interface HistoryEvidence {
  /** Queues whose creation wasn't captured. */
  inferredQueues: number;
  /** Completions for which no command was open. */
  unmatchedCompletions: number;
  /** Commands that ended without a completion: cut off by a reset, a deletion or the end of the capture, or their cid used anew. */
  unfinishedCommands: number;
  /** CQ head movements beyond the completions that were captured. */
  excessReaps: number;
  /** Register writes that came after the device had already read a newer shadow value. */
  lateDoorbells: number;
  /** Controller resets. */
  resets: number;
}

/** A queue's creation as the admin command asked for it. */
interface Creation {
  readonly side: number;
  readonly qid: number;
  readonly depth: number;
  /** SQ: its CQ. CQ: its vector, or -1 without interrupts. */
  readonly extra: number;
}

interface ControllerState {
  readonly id: number;
  readonly sqs: Map<number, SqLife>;
  readonly cqs: Map<number, CqLife>;
  readonly cqByVector: Map<number, CqLife>;
  /** Creations whose admin command has not completed yet, by its cid. */
  readonly creating: Map<number, Creation>;
  /** Counts enables and resets: lives of one epoch belong together. */
  epoch: number;
  shadow: boolean;
  fetches: number;
  lastFetched: CommandLife | undefined;
  lastCompletedCq: CqLife | undefined;
}

/** Follows one trace. Push its batches in order, then call `end` once. */
export class History {
  readonly evidence: HistoryEvidence = {
    inferredQueues: 0,
    unmatchedCompletions: 0,
    unfinishedCommands: 0,
    excessReaps: 0,
    lateDoorbells: 0,
    resets: 0,
  };
  private readonly controllers = new Map<number, ControllerState>();
  private readonly observers: readonly HistoryObserver[];
  private nowNs = NaN;

  constructor(observers: readonly HistoryObserver[]) {
    this.observers = observers;
  }

  push(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      this.nowNs = batch.timeNs[row]!;
      this.take(this.controller(batch.controller[row]!), batch, row);
    }
  }

  /** Ends every life that is still open. */
  end(): void {
    for (const controller of this.controllers.values()) this.closeAll(controller);
  }

  private take(controller: ControllerState, batch: EventBatch, row: number): void {
    const qid = batch.queue[row]!;
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
      case KIND['doorbell.shadow']:
        this.doorbell(controller, batch, row);
        break;
      case KIND['command.setup']:
        this.setup(this.sq(controller, qid), batch, row);
        break;
      case KIND['command.fetch']:
        this.fetch(controller, this.sq(controller, qid), batch, row);
        break;
      case KIND['command.range']:
        this.range(controller, batch, row);
        break;
      case KIND['command.complete']:
        this.complete(controller, batch, row);
        break;
      case KIND['command.reap']:
        this.reapOne(controller, batch, row);
        break;
      case KIND.interrupt:
        this.interrupt(controller, batch, row);
        break;
      case KIND['queue.create']:
        this.create(controller, batch, row);
        break;
      case KIND['queue.delete']:
        if (batch.side[row] === SIDE_SQ) this.closeSq(controller, qid);
        else this.closeCq(controller, qid);
        break;
      case KIND['dbbuf.config']:
        controller.shadow = true;
        break;
      case KIND['controller.reset']:
        this.evidence.resets += 1;
        this.closeAll(controller);
        break;
      case KIND['controller.enable']:
        this.closeAll(controller);
        this.createAdmin(controller, batch.value[row]!, batch.extra[row]!);
        break;
      default:
        break;
    }
  }

  private controller(id: number): ControllerState {
    let state = this.controllers.get(id);
    if (state === undefined) {
      state = {
        id,
        sqs: new Map(),
        cqs: new Map(),
        cqByVector: new Map(),
        creating: new Map(),
        epoch: 0,
        shadow: false,
        fetches: 0,
        lastFetched: undefined,
        lastCompletedCq: undefined,
      };
      this.controllers.set(id, state);
    }
    return state;
  }

  // Doorbells

  private doorbell(controller: ControllerState, batch: EventBatch, row: number): void {
    const mmio = batch.kind[row] === KIND['doorbell.mmio'];
    const qid = batch.queue[row]!;
    const value = batch.value[row]! % 65_536;
    const thread = batch.thread[row]!;
    // A write that an eventfd took carries no value: it is a ring, and moves nothing that could be known.
    if (Number.isNaN(value)) return;
    if (!mmio) controller.shadow = true;
    if (batch.side[row] === SIDE_SQ) this.announce(controller, this.sq(controller, qid), value, mmio, thread);
    else this.reap(controller, this.cq(controller, qid), value, mmio, thread);
  }

  private announce(controller: ControllerState, sq: SqLife, tail: number, mmio: boolean, thread: number): void {
    const late = mmio && controller.shadow && this.isLate(sq.tail, tail, sq.depth, sqRoom(sq));
    const steps = late ? 0 : moveTail(sq, tail);
    // The first register write on a queue that is older than the capture announces one command at least.
    const count = Number.isNaN(steps) ? Number(mmio) : steps;
    sq.announced += count;
    if (count > 0) sq.announcements.push({ upTo: sq.announced, timeNs: this.nowNs });
    if (sq.announcements.length > sq.depth) sq.announcements.shift();
    for (const o of this.observers) o.announced?.(sq, this.nowNs, count, mmio, thread);
  }

  private reap(controller: ControllerState, cq: CqLife, head: number, mmio: boolean, thread: number): void {
    const late = mmio && controller.shadow && this.isLate(cq.head, head, cq.depth, cqRoom(cq));
    const steps = late ? 0 : moveHead(cq, head);
    // On a queue that is older than the capture, the driver is taken to have consumed all that was posted.
    cq.released += Number.isNaN(steps) ? cqRoom(cq) : steps;
    if (cq.released > cq.completed) {
      this.evidence.excessReaps += cq.released - cq.completed;
      cq.released = cq.completed;
    }
    // Where the driver's own events told of the reaping already, the doorbell brings nothing new.
    const fresh = Math.max(cq.released - cq.reaped, 0);
    for (const command of cq.unreaped.splice(0, fresh)) this.endReaped(command);
    cq.reaped += fresh;
    for (const o of this.observers) o.reaped?.(cq, this.nowNs, fresh, mmio, thread);
  }

  /**
   * A trapped write waits for the device's lock, so the device may read newer shadow values before it sees the
   * register's: such a value lies behind the known one, which on a ring looks like nearly a whole lap ahead,
   * and further than the `room` that there is.
   */
  private isLate(known: number, value: number, depth: number, room: number): boolean {
    if (value >= depth) return false;
    const ahead = distance(known, value, depth);
    const late = ahead > room && ahead >= depth / 2;
    if (late) this.evidence.lateDoorbells += 1;
    return late;
  }

  // Commands

  private setup(sq: SqLife, batch: EventBatch, row: number): void {
    const cid = batch.cid[row]!;
    const open = sq.open.get(cid);
    if (open !== undefined) this.giveUp(open);
    const command = newCommand(sq, cid, batch.opcode[row]!);
    command.position = sq.setups++;
    command.setupNs = this.nowNs;
    command.slba = batch.value[row]!;
    command.blocks = batch.extra[row]!;
    sq.open.set(cid, command);
    for (const o of this.observers) o.setUp?.(command, this.nowNs);
  }

  private fetch(controller: ControllerState, sq: SqLife, batch: EventBatch, row: number): void {
    const cid = batch.cid[row]!;
    let command = sq.open.get(cid);
    if (command === undefined || isFetched(command)) {
      if (command !== undefined) this.giveUp(command);
      command = newCommand(sq, cid, batch.opcode[row]!);
      sq.open.set(cid, command);
    }
    if (sq.fetched >= sq.announced) {
      announceSilently(sq);
      for (const o of this.observers) o.announced?.(sq, this.nowNs, 1, false, ABSENT);
    }
    command.position = sq.fetched++;
    command.fetchOrder = controller.fetches++;
    command.fetchedNs = this.nowNs;
    while (sq.announcements.length > 0 && sq.announcements[0]!.upTo <= command.position) sq.announcements.shift();
    command.announcedNs = sq.announcements[0]?.timeNs ?? NaN;
    controller.lastFetched = command;
    for (const o of this.observers) o.fetched?.(command, this.nowNs);
  }

  private range(controller: ControllerState, batch: EventBatch, row: number): void {
    const command = controller.lastFetched;
    if (command === undefined || command.cid !== batch.cid[row]) return;
    command.slba = batch.value[row]!;
    command.blocks = batch.extra[row]!;
  }

  private complete(controller: ControllerState, batch: EventBatch, row: number): void {
    const cq = this.cq(controller, batch.queue[row]!);
    const cid = batch.cid[row]!;
    controller.lastCompletedCq = cq;
    cq.completed += 1;
    if (cq.qid === 0) this.settleCreation(controller, cid, batch.status[row]!);
    const command = openCommand(cq, cid);
    if (command === undefined) {
      this.evidence.unmatchedCompletions += 1;
      return;
    }
    command.sq.open.delete(cid);
    command.sq.completed += 1;
    command.completedNs = this.nowNs;
    command.status = batch.status[row]!;
    cq.unreaped.push(command);
    if (cq.unreaped.length > MAX_UNREAPED) {
      cq.reaped += 1;
      this.endCommand(cq.unreaped.shift()!);
    }
    for (const o of this.observers) o.completed?.(command, this.nowNs);
  }

  /** The driver's own record of one consumed completion. */
  private reapOne(controller: ControllerState, batch: EventBatch, row: number): void {
    const cid = batch.cid[row]!;
    const sq = controller.sqs.get(batch.queue[row]!);
    if (batch.queue[row] === 0) this.settleCreation(controller, cid, batch.status[row]!);
    const command = sq === undefined ? undefined : this.consumed(sq, cid);
    if (command === undefined) {
      this.evidence.unmatchedCompletions += 1;
      return;
    }
    const { cq } = command.sq;
    cq.reaped += 1;
    this.endReaped(command);
    for (const o of this.observers) o.reaped?.(cq, this.nowNs, 1, false, ABSENT);
  }

  /** Takes the command that the driver consumed from where it is; steps that only the device's events show are made up for. */
  private consumed(sq: SqLife, cid: number): CommandLife | undefined {
    const { cq } = sq;
    const at = cq.unreaped.findIndex((command) => command.cid === cid && command.sq === sq);
    if (at >= 0) return cq.unreaped.splice(at, 1)[0];
    const command = sq.open.get(cid);
    if (command === undefined) return undefined;
    sq.open.delete(cid);
    sq.completed += 1;
    if (!isFetched(command)) {
      sq.fetched += 1;
      cq.completed += 1;
    }
    return command;
  }

  private interrupt(controller: ControllerState, batch: EventBatch, row: number): void {
    if (batch.extra[row] === INTERRUPT_MASKED) return;
    const named = batch.queue[row]!;
    const byVector = batch.extra[row] === INTERRUPT_MSIX ? controller.cqByVector.get(batch.value[row]!) : undefined;
    const cq = named === ABSENT ? (byVector ?? controller.lastCompletedCq) : this.cq(controller, named);
    if (cq === undefined) return;
    for (let i = cq.unreaped.length - 1; i >= 0 && Number.isNaN(cq.unreaped[i]!.interruptNs); i--) {
      cq.unreaped[i]!.interruptNs = this.nowNs;
    }
    for (const o of this.observers) o.interrupted?.(cq, this.nowNs);
  }

  // Queues

  private sq(controller: ControllerState, qid: number): SqLife {
    if (!controller.sqs.has(qid)) this.openPending(controller, SIDE_SQ, qid);
    const known = controller.sqs.get(qid);
    if (known !== undefined) return known;
    this.evidence.inferredQueues += 1;
    const sq = this.openSq(controller, qid, this.cq(controller, qid), UNKNOWN_DEPTH, true);
    sq.tail = NaN;
    return sq;
  }

  private cq(controller: ControllerState, qid: number): CqLife {
    if (!controller.cqs.has(qid)) this.openPending(controller, SIDE_CQ, qid);
    const known = controller.cqs.get(qid);
    if (known !== undefined) return known;
    const cq = this.openCq(controller, qid, UNKNOWN_DEPTH, qid === 0 ? 0 : -1, true);
    cq.head = NaN;
    return cq;
  }

  /** A queue exists only when its admin command succeeded: until that is known, the creation waits. */
  private create(controller: ControllerState, batch: EventBatch, row: number): void {
    const creation: Creation = {
      side: batch.side[row]!,
      qid: batch.queue[row]!,
      depth: batch.value[row]!,
      extra: batch.extra[row]!,
    };
    const cid = batch.cid[row]!;
    if (cid === ABSENT) this.open(controller, creation);
    else controller.creating.set(cid, creation);
  }

  private settleCreation(controller: ControllerState, cid: number, status: number): void {
    const creation = controller.creating.get(cid);
    if (creation === undefined) return;
    controller.creating.delete(cid);
    if (status === 0) this.open(controller, creation);
  }

  /** A queue that is used was created, also where the completion of its admin command wasn't captured. */
  private openPending(controller: ControllerState, side: number, qid: number): void {
    for (const [cid, creation] of controller.creating) {
      if (creation.side === side && creation.qid === qid) this.settleCreation(controller, cid, 0);
    }
  }

  private open(controller: ControllerState, { side, qid, depth, extra }: Creation): void {
    if (side === SIDE_SQ) {
      this.closeSq(controller, qid);
      this.openSq(controller, qid, this.cq(controller, extra), depth, false);
    } else {
      this.closeCq(controller, qid);
      this.openCq(controller, qid, depth, extra, false);
    }
  }

  private createAdmin(controller: ControllerState, sqDepth: number, cqDepth: number): void {
    const known = !Number.isNaN(sqDepth) && !Number.isNaN(cqDepth);
    const cq = this.openCq(controller, 0, known ? cqDepth : UNKNOWN_DEPTH, 0, !known);
    this.openSq(controller, 0, cq, known ? sqDepth : UNKNOWN_DEPTH, !known);
  }

  private openCq(controller: ControllerState, qid: number, depth: number, vector: number, inferred: boolean): CqLife {
    const cq = newCq({ controller: controller.id, qid, depth, depthInferred: inferred, vector, createdNs: this.nowNs });
    controller.cqs.set(qid, cq);
    if (vector >= 0) controller.cqByVector.set(vector, cq);
    return cq;
  }

  private openSq(controller: ControllerState, qid: number, cq: CqLife, depth: number, inferred: boolean): SqLife {
    const { id, epoch } = controller;
    const sq = newSq({ controller: id, epoch, qid, cq, depth, depthInferred: inferred, createdNs: this.nowNs });
    cq.sqs.push(sq);
    controller.sqs.set(qid, sq);
    for (const o of this.observers) o.sqCreated?.(sq, this.nowNs);
    return sq;
  }

  private closeSq(controller: ControllerState, qid: number): void {
    const sq = controller.sqs.get(qid);
    if (sq === undefined) return;
    controller.sqs.delete(qid);
    sq.cq.sqs.splice(sq.cq.sqs.indexOf(sq), 1);
    sq.closedNs = this.nowNs;
    for (const command of sq.open.values()) this.endUnfinished(command);
    sq.open.clear();
    for (const o of this.observers) o.sqClosed?.(sq);
  }

  private closeCq(controller: ControllerState, qid: number): void {
    const cq = controller.cqs.get(qid);
    if (cq === undefined) return;
    controller.cqs.delete(qid);
    if (controller.cqByVector.get(cq.vector) === cq) controller.cqByVector.delete(cq.vector);
    cq.closedNs = this.nowNs;
    for (const command of cq.unreaped) this.endCommand(command);
    cq.unreaped.length = 0;
  }

  private closeAll(controller: ControllerState): void {
    for (const qid of controller.sqs.keys()) this.closeSq(controller, qid);
    for (const qid of controller.cqs.keys()) this.closeCq(controller, qid);
    controller.creating.clear();
    controller.epoch += 1;
    controller.shadow = false;
    controller.lastFetched = undefined;
    controller.lastCompletedCq = undefined;
  }

  // Ends of commands

  private endReaped(command: CommandLife): void {
    command.reapedNs = this.nowNs;
    this.endCommand(command);
  }

  /** Its identifier is used anew, so the command passed the device and ended, though the capture doesn't show it. */
  private giveUp(command: CommandLife): void {
    const { sq } = command;
    if (!isFetched(command)) sq.fetched += 1;
    sq.givenUp += 1;
    this.endUnfinished(command);
  }

  private endUnfinished(command: CommandLife): void {
    this.evidence.unfinishedCommands += 1;
    this.endCommand(command);
  }

  private endCommand(command: CommandLife): void {
    for (const o of this.observers) o.commandEnded?.(command);
  }
}
