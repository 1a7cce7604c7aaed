// What the device does with EventIdx.

import { inCyclicInterval } from '../../../nvme/notify.js';
import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_SQ } from '../../../trace/event.js';
import { PerKey, doorbellKey, doorbellOf } from '../per-key.js';
import { type Rule, Watcher, doorbellName } from '../rule.js';
import type { SideState } from '../side-state.js';

/** Shadow reads after which a device that publishes would have done so: more than one batch of commands takes. */
const ENOUGH_READS = 64;
/** Publications after which one that was looked after would have shown. */
const ENOUGH_PUBLICATIONS = 16;

interface Use {
  readonly controller: number;
  readonly queue: number;
  readonly side: number;
  reads: number;
  published: number;
  /** Register writes, and those among them that an EventIdx of 0 explains. */
  writes: number;
  atZero: number;
}

class NeverPublished extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'] as const;
  private readonly uses = new PerKey<number, Use>((key) => ({ ...doorbellOf(key), reads: 0, published: 0, writes: 0, atZero: 0 }));

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    if (queue === 0) return;
    const side = batch.side[row]!;
    const controller = batch.controller[row]!;
    const use = this.uses.at(doorbellKey(controller, queue, side));
    if (use === undefined) return;
    const state = this.desk.side(controller, queue, side);
    if (batch.kind[row] === KIND['doorbell.shadow']) use.reads += 1;
    else if (batch.kind[row] === KIND.eventidx) use.published += 1;
    else if (state !== undefined && state.reads > 0) this.written(use, state, batch.value[row]!);
  }

  private written(use: Use, state: SideState, value: number): void {
    if (Number.isNaN(value) || Number.isNaN(state.depth)) return;
    use.writes += 1;
    if (inCyclicInterval(0, state.lastRead, value, state.depth) || state.lastRead === value) use.atZero += 1;
  }

  override end(): void {
    for (const { controller, queue, side, reads, published, writes, atZero } of this.uses.values()) {
      if (reads === 0) continue;
      if (published === 0 && reads < ENOUGH_READS) {
        this.open += 1;
        continue;
      }
      this.checked += 1;
      if (published > 0) continue;
      const where = { controller, queue, side, at: undefined };
      const what = `the shadow ${doorbellName(side)} was read ${reads} times, and no EventIdx was published`;
      if (writes > atZero) this.desk.report(where, `${what}; ${writes - atZero} register writes passed other values than 0, so it is published and not traced`, 'note');
      else this.desk.report(where, what);
    }
  }
}

interface Publisher {
  readonly controller: number;
  readonly queue: number;
  published: number;
  /** Publications after which the device read the shadow word again before a register write woke it. */
  rechecked: number;
  pending: boolean;
}

class NotRechecked extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'] as const;
  private readonly publishers = new PerKey<number, Publisher>((key) => ({ ...doorbellOf(key), published: 0, rechecked: 0, pending: false }));

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const controller = batch.controller[row]!;
    if (batch.side[row] !== SIDE_SQ || queue === 0) return;
    const own = this.publishers.at(doorbellKey(controller, queue, SIDE_SQ));
    if (own === undefined) return;
    const published = batch.kind[row] === KIND.eventidx;
    if (published) own.published += 1;
    else if (own.pending && batch.kind[row] === KIND['doorbell.shadow']) own.rechecked += 1;
    own.pending = published;
  }

  override end(): void {
    for (const { controller, queue, published, rechecked } of this.publishers.values()) {
      if (published < ENOUGH_PUBLICATIONS) {
        this.open += 1;
        continue;
      }
      this.checked += 1;
      if (rechecked > 0) continue;
      const evidence = `EventIdx was published ${published} times, and the shadow SQ tail was never read again before the next register write`;
      this.desk.report({ controller, queue, side: SIDE_SQ, at: undefined }, evidence);
    }
  }
}

export const EVENTIDX_RULES: readonly Rule[] = [
  {
    id: 'eventidx-never-published',
    severity: 'warning',
    title: 'The device reads a shadow doorbell and never publishes an event index.',
    doc: 'The driver then rings once per lap, when it passes the 0 that it put there, and a device that sleeps is lost; one that polls is not. QEMU 7.2.1 and later 7.2 publish the CQ index without a trace event: register writes that passed other values show it, and make it a note.',
    evidence: 'the number of shadow reads, and of register writes that an index of 0 does not explain',
    needs: `${ENOUGH_READS} shadow reads of one doorbell, or a publication`,
    source: 'QEMU fa5db2aa16 (hw/nvme: fix missing cq eventidx update)',
    watch: (desk) => new NeverPublished(desk),
  },
  {
    id: 'eventidx-not-rechecked',
    severity: 'warning',
    title: 'The device publishes an event index and does not read the shadow doorbell again.',
    doc: 'A driver that stores its value between the last read and the publication sees the old index and does not ring; a device that sleeps then misses the command. It must look once more after it published. Told once per queue, when none of its publications was followed by a read.',
    evidence: 'the number of publications',
    needs: `${ENOUGH_PUBLICATIONS} publications of an SQ EventIdx`,
    source: 'review of QEMU hw/nvme shadow doorbells, June 2022; vhost_enable_notify',
    watch: (desk) => new NotRechecked(desk),
  },
];
