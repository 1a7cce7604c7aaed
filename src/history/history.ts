// What a recording says happened: a fold over normalized events that follows controllers, queues and
// commands through their lives and tells observers about each step. Holds only what is open, so memory
// is bounded by the commands outstanding, not by the length of the capture.
//
// Two views may be present at once and complete each other: the driver's (command.setup, command.reap) and
// the device's (fetch, complete, doorbells, shadow reads). Rules of matching: reference [QEMU hw/nvme/ctrl.c],
// [LINUX drivers/nvme/host/pci.c], [NVMe-2.0] 3.3.

import type { EventBatch } from '../trace/batch.js';
import { KIND, SIDE_SQ } from '../trace/event.js';
import { complete, fetch, interrupt, range, reapOne, setUp } from './commands.js';
import { ControllerLife, type ControllerView } from './controller.js';
import { takeDoorbell } from './doorbells.js';
import type { HistoryObserver } from './observer.js';
import { type HistoryEvidence, Telling } from './telling.js';

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
    const { telling } = this;
    const qid = batch.queue[row]!;
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
      case KIND['doorbell.shadow']:
        takeDoorbell(telling, controller, batch, row);
        break;
      case KIND['command.setup']:
        setUp(telling, controller, controller.sq(qid), batch, row);
        break;
      case KIND['command.fetch']:
        fetch(telling, controller, controller.sq(qid), batch, row);
        break;
      case KIND['command.range']:
        range(controller, batch, row);
        break;
      case KIND['command.complete']:
        complete(telling, controller, batch, row);
        break;
      case KIND['command.reap']:
        reapOne(telling, controller, batch, row);
        break;
      case KIND.interrupt:
        interrupt(telling, controller, batch, row);
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
        telling.evidence.resets += 1;
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
}
