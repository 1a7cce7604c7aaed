// What the device takes although nobody announced it, and works on although it isn't there.

import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../../trace/event.js';
import { isFetched } from '../../counts.js';
import { isSettled } from '../../resync.js';
import { type Rule, Watcher } from '../rule.js';

class UnannouncedFetch extends Watcher {
  override readonly kinds = ['command.fetch'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const cid = batch.cid[row]!;
    const view = this.desk.controller(batch.controller[row]!);
    const sq = view.sqs.get(queue);
    // Without a doorbell with a value before it, an eventfd may take them all.
    if (view.shadow || sq === undefined || !sq.whole || !sq.told || !isSettled(sq.cq)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const open = sq.open.get(cid);
    const again = open !== undefined && isFetched(open);
    // One missing doorbell may have announced several: they are one finding.
    if (sq.announced > sq.fetched || sq.lead > 0 || again) return;
    this.desk.report({ queue, side: SIDE_SQ }, `command ${cid} was fetched, and the last SQ tail that a doorbell told of, ${sq.tail}, had been reached`);
  }
}

class WorkWithoutQueue extends Watcher {
  override readonly kinds = ['command.fetch', 'command.complete', 'queue.create', 'controller.reset', 'controller.enable'] as const;
  /** Controllers whose queue creations this capture shows. */
  private readonly shows = new Set<number>();
  private readonly inReset = new Set<number>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND['queue.create']:
        this.shows.add(controller);
        break;
      case KIND['controller.reset']:
        this.inReset.add(controller);
        break;
      case KIND['controller.enable']:
        this.inReset.delete(controller);
        break;
      default:
        this.worked(controller, batch, row);
        break;
    }
  }

  private worked(controller: number, batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    if (queue <= 0) return;
    const fetched = batch.kind[row] === KIND['command.fetch'];
    const side = fetched ? SIDE_SQ : SIDE_CQ;
    const view = this.desk.controller(controller);
    // A reset ends the commands in the device, and their ends may be recorded after it.
    if (!view.whole || !this.shows.has(controller) || (this.inReset.has(controller) && !fetched)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if ((fetched ? view.sqs.has(queue) : view.cqs.has(queue)) || view.isPending(side, queue)) return;
    const what = fetched ? 'fetched from' : 'completed on';
    this.desk.report({ queue, side }, `command ${batch.cid[row]} was ${what} queue ${queue}, which does not exist since a reset or its deletion, or never did`);
  }
}

export const FETCH_RULES: readonly Rule[] = [
  {
    id: 'unannounced-fetch',
    severity: 'warning',
    title: 'The device takes a command that no doorbell announced.',
    doc: 'Without shadow doorbells the device knows of a command by a register write alone. The record of that write is missing from the capture, which "info" then counts with bounds, or the device looked beyond the tail. Commands up to the next doorbell are one finding.',
    evidence: 'the command, and the last tail that was told',
    needs: 'a submission queue from its creation on, with nothing lost, shadow doorbells off, fetches, and register writes with their values',
    source: 'NVMe Base 2.0, 3.3.1',
    watch: (desk) => new UnannouncedFetch(desk),
  },
  {
    id: 'work-without-queue',
    severity: 'error',
    title: 'The device works on an I/O queue that does not exist.',
    doc: 'After a reset, or once it is deleted, a queue is gone until it is created again. Told for fetches from the reset on, and for completions from the next enable on, because a reset may end commands late. The first of each queue is told; from then on it counts as a queue that was not seen to be created.',
    evidence: 'the command and the queue',
    needs: 'a controller from an enable or reset on, with nothing lost, queue creations, fetches or completions',
    source: 'NVMe Base 2.0, 3.7.2 (Controller Level Reset); QEMU a2da737729',
    watch: (desk) => new WorkWithoutQueue(desk),
  },
];
