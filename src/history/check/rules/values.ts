// What is written to the doorbell registers: values and queues that can't be.

import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_SQ } from '../../../trace/event.js';
import { type Rule, Watcher, doorbellName } from '../rule.js';
import { furthestOf } from '../sides.js';

class OutOfRange extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow'] as const;

  override before(batch: EventBatch, row: number): void {
    const value = batch.value[row]!;
    if (Number.isNaN(value)) return;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const view = this.desk.controller(batch.controller[row]!);
    const life = side === SIDE_SQ ? view.sqs.get(queue) : view.cqs.get(queue);
    if (life === undefined || life.depthInferred) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (value < life.depth) return;
    const how = batch.kind[row] === KIND['doorbell.mmio'] ? 'written to the register' : 'read from the shadow doorbell';
    const severity = life.whole ? 'error' : 'warning';
    this.desk.report({ queue, side }, `${doorbellName(side)} ${value} ${how}; the queue has ${life.depth} entries, 0 to ${life.depth - 1}`, severity);
  }
}

class Repeated extends Watcher {
  override readonly kinds = ['doorbell.mmio'] as const;

  override before(batch: EventBatch, row: number): void {
    const value = batch.value[row]!;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const controller = batch.controller[row]!;
    if (Number.isNaN(value)) return;
    const view = this.desk.controller(controller);
    const state = this.desk.side(controller, queue, side);
    if (state === undefined || state.writes === 0) return;
    if (Number.isNaN(state.depth)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (value !== state.lastWrite) return;
    // Shadow doorbells may have brought the driver unseen to the same index, laps further on.
    if (state.places(value, furthestOf(view, queue, side)).length > 0) return;
    this.desk.report({ queue, side }, `${doorbellName(side)} ${value} written twice in a row, and the ring can not have come round`);
  }
}

class NoQueue extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'queue.create', 'queue.delete'] as const;
  /** Controllers whose queue creations this capture shows. */
  private readonly shows = new Set<number>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    if (batch.kind[row] !== KIND['doorbell.mmio']) {
      this.shows.add(controller);
      return;
    }
    const view = this.desk.controller(controller);
    if (!view.whole || !this.shows.has(controller)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const exists = side === SIDE_SQ ? view.sqs.has(queue) : view.cqs.has(queue);
    if (exists || view.isPending(side, queue)) return;
    // Linux looks at the completion queues once more after it has disabled the controller.
    const severity = side === SIDE_SQ ? 'error' : 'warning';
    this.desk.report({ queue, side }, `${doorbellName(side)} ${batch.value[row]!} written for queue ${queue}, which does not exist`, severity);
  }
}

export const VALUE_RULES: readonly Rule[] = [
  {
    id: 'doorbell-out-of-range',
    severity: 'error',
    title: 'A doorbell value lies outside its queue.',
    doc: 'A value must be an index of the queue, 0 to entries - 1. Devices refuse such a register write; QEMU does not check the shadow word, and fetches round and round. A warning where records were lost since the queue was created, because it may have been created anew.',
    evidence: 'the value, where it was seen, and the number of entries',
    needs: 'the creation of a queue, and a doorbell value on it',
    source: 'NVMe Base 2.0, Asynchronous Event Information: Invalid Doorbell Write Value; QEMU hw/nvme nvme_process_db, nvme_process_sq',
    watch: (desk) => new OutOfRange(desk),
  },
  {
    id: 'doorbell-repeated',
    severity: 'error',
    title: 'The same doorbell value is written twice in a row.',
    doc: 'A write that moves nothing is an invalid doorbell value, and some controllers fail on it. With shadow doorbells, writes may be suppressed for a whole lap of the ring and the next one repeat the value: it is reported only where the entries fetched and posted so far leave no room for that lap.',
    evidence: 'the value',
    needs: 'two register writes on one doorbell of a queue whose creation was captured, with nothing lost since',
    source: 'NVMe Base 2.0, Invalid Doorbell Write Value; Linux 38210800bf66 (revert of "remove last_sq_tail")',
    watch: (desk) => new Repeated(desk),
  },
  {
    id: 'doorbell-no-queue',
    severity: 'error',
    title: 'A doorbell is written for a queue that does not exist.',
    doc: 'Decided from a controller enable or reset on, as long as nothing is lost and creations are visible. A completion queue is only a warning: Linux reaps once more after it has disabled the controller.',
    evidence: 'the doorbell and its value',
    needs: 'a controller enable or reset, and queue creations',
    source: 'NVMe Base 2.0, Write to Invalid Doorbell Register',
    watch: (desk) => new NoQueue(desk),
  },
];
