// What a recording says happened: a fold over normalized events that follows controllers, queues and
// commands through their lives and tells observers about each step. Holds only what is open, so memory
// is bounded by the commands outstanding, not by the length of the capture.
//
// Two views may be present at once and complete each other: the driver's (command.setup, command.reap) and
// the device's (fetch, complete, doorbells, shadow reads). Rules of matching: reference [QEMU hw/nvme/ctrl.c],
// [LINUX drivers/nvme/host/pci.c], [NVMe-2.0] 3.3.

import { distance } from '../nvme/ring.js';
import { ABSENT, type EventBatch } from '../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, KIND, SIDE_SQ } from '../trace/event.js';
import { ControllerLife, type ControllerView } from './controller.js';
import { type CommandLife, type CqLife, type SqLife, announceSilently, completeSilently, cqRoom, goUnseen, isFetched, moveHead, moveTail, newCommand, openCommand, sqRoom } from './lives.js';
import type { HistoryObserver } from './observer.js';
import { type HistoryEvidence, Telling } from './telling.js';

/** Commands that may wait for their reaping on one CQ before the oldest is given up: no queue is larger. */
const MAX_UNREAPED = 65_536;
/** Follows one trace. Push its batches in order, then call `end` once. */
export class History {
  private readonly controllers = new Map<number, ControllerLife>();
  private readonly telling: Telling;

  constructor(observers: readonly HistoryObserver[]) {
    this.telling = new Telling(observers);
  }

  get evidence(): Readonly<HistoryEvidence> {
    return this.telling.evidence;
  }

  push(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) this.step(batch, row);
  }

  /** Takes one event: a row of a batch. */
  step(batch: EventBatch, row: number): void {
    this.telling.nowNs = batch.timeNs[row]!;
    this.take(this.controller(batch.controller[row]!), batch, row);
  }

  /** The state of a controller as the events so far tell it. */
  view(controller: number): ControllerView {
    return this.controller(controller);
  }

  /** Ends every life that is still open. */
  end(): void {
    for (const controller of this.controllers.values()) controller.closeAll();
  }

  private take(controller: ControllerLife, batch: EventBatch, row: number): void {
    const qid = batch.queue[row]!;
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
      case KIND['doorbell.shadow']:
        this.doorbell(controller, batch, row);
        break;
      case KIND['command.setup']:
        this.setup(controller, controller.sq(qid), batch, row);
        break;
      case KIND['command.fetch']:
        this.fetch(controller, controller.sq(qid), batch, row);
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
        controller.create({ side: batch.side[row]!, qid, depth: batch.value[row]!, extra: batch.extra[row]! }, batch.cid[row]!);
        break;
      case KIND['queue.delete']:
        if (batch.side[row] === SIDE_SQ) controller.closeSq(qid);
        else controller.closeCq(qid);
        break;
      case KIND['dbbuf.config']:
        controller.useShadow();
        break;
      case KIND['controller.reset']:
        this.telling.evidence.resets += 1;
        controller.reset();
        break;
      case KIND['controller.enable']:
        controller.enable(batch.value[row]!, batch.extra[row]!);
        break;
      case KIND.lost:
        // A mark of loss names no controller: any of them may miss records.
        for (const any of this.controllers.values()) any.lose();
        break;
      default:
        break;
    }
  }

  private controller(id: number): ControllerLife {
    let state = this.controllers.get(id);
    if (state === undefined) {
      state = new ControllerLife(id, this.telling);
      this.controllers.set(id, state);
    }
    return state;
  }

  // Doorbells

  private doorbell(controller: ControllerLife, batch: EventBatch, row: number): void {
    const mmio = batch.kind[row] === KIND['doorbell.mmio'];
    const qid = batch.queue[row]!;
    const value = batch.value[row]! % 65_536;
    const thread = batch.thread[row]!;
    // A write that an eventfd took carries no value: it is a ring, and moves nothing that could be known.
    if (Number.isNaN(value)) return;
    if (!mmio) controller.useShadow();
    if (batch.side[row] === SIDE_SQ) this.announce(controller, controller.sq(qid), value, mmio, thread);
    else this.reap(controller, controller.cq(qid), value, mmio, thread);
  }

  private announce(controller: ControllerLife, sq: SqLife, tail: number, mmio: boolean, thread: number): void {
    const late = mmio && controller.shadow && this.isLate(sq.tail, tail, sq.depth, sqRoom(sq));
    const steps = late ? 0 : moveTail(sq, tail);
    sq.told = true;
    // The first register write on a queue that is older than the capture announces one command at least.
    const count = Number.isNaN(steps) ? Number(mmio) : steps;
    sq.announced += count;
    if (count > 0) sq.announcements.push({ upTo: sq.announced, timeNs: this.telling.nowNs });
    if (sq.announcements.length > sq.depth) sq.announcements.shift();
    for (const o of this.telling.observers) o.announced?.(sq, this.telling.nowNs, count, mmio, thread);
  }

  private reap(controller: ControllerLife, cq: CqLife, head: number, mmio: boolean, thread: number): void {
    const late = mmio && controller.shadow && this.isLate(cq.head, head, cq.depth, cqRoom(cq));
    const steps = late ? 0 : moveHead(cq, head);
    if (!controller.showsCommands && steps > 0) completeSilently(cq, steps);
    // On a queue that is older than the capture, the driver is taken to have consumed all that was posted.
    cq.released += Number.isNaN(steps) ? cqRoom(cq) : steps;
    if (cq.released > cq.completed) {
      const unseen = cq.released - cq.completed;
      this.telling.evidence.excessReaps += unseen;
      // Their records are missing: the counts go on from where the driver is.
      completeSilently(cq, unseen);
    }
    // Where the driver's own events told of the reaping already, the doorbell brings nothing new.
    const fresh = Math.max(cq.released - cq.reaped, 0);
    for (const command of cq.unreaped.splice(0, fresh)) this.passed(controller, command);
    cq.reaped += fresh;
    for (const o of this.telling.observers) o.reaped?.(cq, this.telling.nowNs, fresh, mmio, thread);
  }

  /** The CQ head passed the command's completion. Where the driver records its commands, its record of the end is yet to come. */
  private passed(controller: ControllerLife, command: CommandLife): void {
    const { sq, cid } = command;
    command.reapedNs = this.telling.nowNs;
    if (sq.setups === 0 || controller.sqs.get(sq.qid) !== sq) {
      this.telling.endCommand(command);
      return;
    }
    this.endAwaiting(sq, cid);
    sq.awaiting.set(cid, command);
  }

  /** The identifier is used anew: the driver finished the command, though the capture doesn't show when. */
  private endAwaiting(sq: SqLife, cid: number): void {
    const command = sq.awaiting.get(cid);
    if (command === undefined) return;
    sq.awaiting.delete(cid);
    this.telling.endCommand(command);
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
    if (late) this.telling.evidence.lateDoorbells += 1;
    return late;
  }

  // Commands

  private setup(controller: ControllerLife, sq: SqLife, batch: EventBatch, row: number): void {
    controller.showsCommands = true;
    const cid = batch.cid[row]!;
    const open = sq.open.get(cid);
    if (open !== undefined) this.giveUp(open);
    this.endAwaiting(sq, cid);
    const command = newCommand(sq, cid, batch.opcode[row]!);
    command.position = sq.setups++;
    sq.built += 1;
    command.setupNs = this.telling.nowNs;
    command.slba = batch.value[row]!;
    command.blocks = batch.extra[row]!;
    sq.open.set(cid, command);
    for (const o of this.telling.observers) o.setUp?.(command, this.telling.nowNs);
  }

  private fetch(controller: ControllerLife, sq: SqLife, batch: EventBatch, row: number): void {
    controller.showsCommands = true;
    const cid = batch.cid[row]!;
    let command = sq.open.get(cid);
    if (command === undefined || isFetched(command)) {
      if (command !== undefined) this.giveUp(command);
      command = newCommand(sq, cid, batch.opcode[row]!);
      sq.open.set(cid, command);
    } else {
      sq.built -= 1;
    }
    if (sq.fetched >= sq.announced) {
      announceSilently(sq);
      controller.silent = true;
      for (const o of this.telling.observers) o.announced?.(sq, this.telling.nowNs, 1, false, ABSENT);
    }
    command.position = sq.fetched++;
    command.fetchOrder = controller.fetches++;
    command.fetchedNs = this.telling.nowNs;
    while (sq.announcements.length > 0 && sq.announcements[0]!.upTo <= command.position) sq.announcements.shift();
    command.announcedNs = sq.announcements[0]?.timeNs ?? NaN;
    controller.lastFetched = command;
    for (const o of this.telling.observers) o.fetched?.(command, this.telling.nowNs);
  }

  private range(controller: ControllerLife, batch: EventBatch, row: number): void {
    const command = controller.lastFetched;
    if (command === undefined || command.cid !== batch.cid[row]) return;
    command.slba = batch.value[row]!;
    command.blocks = batch.extra[row]!;
  }

  private complete(controller: ControllerLife, batch: EventBatch, row: number): void {
    controller.showsCommands = true;
    const cq = controller.cq(batch.queue[row]!);
    const cid = batch.cid[row]!;
    controller.lastCompletedCq = cq;
    cq.completed += 1;
    if (cq.qid === 0) controller.settleCreation(cid, batch.status[row]!);
    const command = openCommand(cq, cid);
    if (command === undefined) {
      this.telling.evidence.unmatchedCompletions += 1;
      goUnseen(cq, 1);
      return;
    }
    command.sq.open.delete(cid);
    command.sq.completed += 1;
    command.completed = true;
    command.completedNs = this.telling.nowNs;
    command.status = batch.status[row]!;
    cq.unreaped.push(command);
    if (cq.unreaped.length > MAX_UNREAPED) {
      cq.reaped += 1;
      this.telling.endCommand(cq.unreaped.shift()!);
    }
    for (const o of this.telling.observers) o.completed?.(command, this.telling.nowNs);
  }

  /** The driver's own record of one consumed completion. */
  private reapOne(controller: ControllerLife, batch: EventBatch, row: number): void {
    const cid = batch.cid[row]!;
    const sq = controller.sqs.get(batch.queue[row]!);
    if (batch.queue[row] === 0) controller.settleCreation(cid, batch.status[row]!);
    const passed = sq?.awaiting.get(cid);
    if (passed !== undefined) {
      passed.finishedNs = this.telling.nowNs;
      this.endAwaiting(passed.sq, cid);
      return;
    }
    const command = sq === undefined ? undefined : this.consumed(sq, cid);
    if (command === undefined) {
      this.telling.evidence.unmatchedCompletions += 1;
      return;
    }
    const { cq } = command.sq;
    cq.reaped += 1;
    command.reapedNs = this.telling.nowNs;
    command.finishedNs = this.telling.nowNs;
    command.completed = true;
    this.telling.endCommand(command);
    for (const o of this.telling.observers) o.reaped?.(cq, this.telling.nowNs, 1, false, ABSENT);
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
      sq.built -= 1;
      sq.fetched += 1;
      cq.completed += 1;
    }
    return command;
  }

  private interrupt(controller: ControllerLife, batch: EventBatch, row: number): void {
    if (batch.extra[row] === INTERRUPT_MASKED) return;
    const named = batch.queue[row]!;
    const byVector = batch.extra[row] === INTERRUPT_MSIX ? controller.cqByVector.get(batch.value[row]!) : undefined;
    const cq = named === ABSENT ? (byVector ?? controller.lastCompletedCq) : controller.cq(named);
    if (cq === undefined) return;
    for (let i = cq.unreaped.length - 1; i >= 0 && Number.isNaN(cq.unreaped[i]!.interruptNs); i--) {
      cq.unreaped[i]!.interruptNs = this.telling.nowNs;
    }
    for (const o of this.telling.observers) o.interrupted?.(cq, this.telling.nowNs);
  }

  /** Its identifier is used anew, so the command passed the device and ended, though the capture doesn't show it. */
  private giveUp(command: CommandLife): void {
    const { sq } = command;
    if (!isFetched(command)) {
      sq.built -= 1;
      sq.fetched += 1;
    }
    sq.givenUp += 1;
    this.telling.endUnfinished(command);
  }
}
