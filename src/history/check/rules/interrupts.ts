// Interrupts that don't come, come late, or stop.

import { formatNs, plural } from '../../../base/units.js';
import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ } from '../../../trace/event.js';
import type { CommandLife, CqLife } from '../../lives.js';
import type { HistoryObserver } from '../../observer.js';
import type { Position } from '../finding.js';
import { type Rule, Watcher } from '../rule.js';
import { ringsHeads } from './completions.js';

/** Completions on a queue with interrupts after which one would have come. */
const ENOUGH_COMPLETIONS = 16;

class NoInterrupt extends Watcher implements HistoryObserver {
  override readonly kinds = ['interrupt', 'command.complete'] as const;
  override readonly observer: HistoryObserver = this;
  /** Controllers whose interrupts this capture shows. */
  private readonly shows = new Set<number>();
  /** Those whose device tells: the host's record of messages has no interrupts by pin, and so proves no silence. */
  private readonly tells = new Set<number>();
  private readonly signalled = new WeakSet<CqLife>();
  private readonly silent: { readonly controller: number; readonly queue: number; readonly completed: number }[] = [];

  override before(batch: EventBatch, row: number): void {
    (batch.kind[row] === KIND.interrupt ? this.shows : this.tells).add(batch.controller[row]!);
  }

  interrupted(cq: CqLife): void {
    this.signalled.add(cq);
  }

  commandEnded(command: CommandLife): void {
    const { cq, qid, controller } = command.sq;
    if (Number.isNaN(command.completedNs) || cq.vector < 0 || cq.depthInferred) return;
    const consumed = !Number.isNaN(command.reapedNs);
    const waitNs = (consumed ? command.reapedNs : cq.closedNs) - command.completedNs;
    if (Number.isNaN(waitNs) || !this.shows.has(controller)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const lateNs = command.interruptNs - command.completedNs;
    if (lateNs > this.desk.stallNs) {
      this.desk.report({ controller, queue: qid, side: SIDE_CQ }, `command ${command.cid} completed, and the next interrupt on vector ${cq.vector} came ${formatNs(lateNs)} later`, 'warning');
    }
    if (!Number.isNaN(lateNs) || waitNs <= this.desk.stallNs) return;
    // Under shadow doorbells the driver may have consumed it at once: its head shows later.
    const seesDriver = !Number.isNaN(command.setupNs) || ringsHeads(this.desk.controller(controller));
    const severity = seesDriver && cq.whole ? 'error' : 'warning';
    this.desk.report({ controller, queue: qid, side: SIDE_CQ }, `command ${command.cid} completed, waited ${formatNs(waitNs)}, and no interrupt came on vector ${cq.vector}`, severity);
  }

  cqClosed(cq: CqLife): void {
    if (cq.vector < 0 || cq.depthInferred || !cq.whole || cq.completed < ENOUGH_COMPLETIONS || this.signalled.has(cq)) return;
    if (this.silent.length < 256) this.silent.push({ controller: cq.controller, queue: cq.qid, completed: cq.completed });
  }

  override end(): void {
    for (const { controller, queue, completed } of this.silent) {
      if (!this.shows.has(controller) || !this.tells.has(controller)) {
        this.open += 1;
        continue;
      }
      this.checked += 1;
      this.desk.report({ controller, queue, side: SIDE_CQ, at: undefined }, `${completed} completions, and not one interrupt, on a queue that was created with interrupts`, 'warning');
    }
  }
}

/** Completions in a row without an interrupt: more than a device gathers for one. */
const ENOUGH_SILENCE = 256;
/** How many times more than ever before. */
const SILENCE_RATIO = 16;

/** Interrupts of one completion queue. */
interface Signals {
  readonly cq: CqLife;
  interrupts: number;
  /** Completions since the last interrupt, and the most that one ever answered. */
  since: number;
  most: number;
  lastAt: Position;
}

class InterruptsStop extends Watcher implements HistoryObserver {
  override readonly observer: HistoryObserver = this;
  private readonly signals = new WeakMap<CqLife, Signals>();

  completed({ sq: { cq } }: CommandLife): void {
    const own = this.signals.get(cq);
    if (own !== undefined) own.since += 1;
    else this.open += 1;
  }

  interrupted(cq: CqLife): void {
    const own = this.signals.get(cq) ?? { cq, interrupts: 0, since: 0, most: 0, lastAt: this.desk.position() };
    if (own.interrupts > 0) this.judge(own, 'none for');
    own.interrupts += 1;
    own.most = Math.max(own.most, own.since);
    own.since = 0;
    own.lastAt = this.desk.position();
    this.signals.set(cq, own);
  }

  cqClosed(cq: CqLife): void {
    const own = this.signals.get(cq);
    if (own !== undefined) this.judge(own, 'none any more for');
  }

  private judge({ cq, interrupts, since, most, lastAt }: Signals, how: string): void {
    this.checked += 1;
    if (since < ENOUGH_SILENCE || since < SILENCE_RATIO * most) return;
    this.desk.report(
      { controller: cq.controller, queue: cq.qid, side: SIDE_CQ, at: lastAt },
      `${plural(interrupts, 'interrupt')} came, after at most ${plural(most, 'completion')} each, and then ${how} ${plural(since, 'completion')}`,
    );
  }
}

export const INTERRUPT_RULES: readonly Rule[] = [
  {
    id: 'no-interrupt',
    severity: 'error',
    title: 'Completions wait, and no interrupt comes, or it comes late.',
    doc: 'For queues that were created with interrupts, in captures that show interrupts. An error when the completion was seen to wait longer than --stall-ms; a warning when it may have been consumed earlier, when the next interrupt came later than that, and for a queue that had completions and never an interrupt.',
    evidence: 'the command, the time, the vector and how late its interrupt was, or the number of completions',
    needs: 'time stamps, the creation of a completion queue, completions, and interrupts on the controller',
    source: 'NVMe Base 2.0, 3.3.3; QEMU hw/nvme nvme_irq_assert',
    watch: (desk) => new NoInterrupt(desk),
  },
  {
    id: 'interrupts-stop',
    severity: 'note',
    title: 'Interrupts of a completion queue stop while completions go on.',
    doc: `Told where ${ENOUGH_SILENCE} completions in a row, and ${SILENCE_RATIO} times more than ever before, had no interrupt. The driver may have begun to poll, an irqfd may have taken over from records that the capture shows, or the interrupt is gone: completions that wait for it show as stalled-completion.`,
    evidence: 'interrupts before, completions that each answered, and completions since',
    needs: 'completions, and an interrupt of the queue',
    source: 'Bellwether',
    watch: (desk) => new InterruptsStop(desk),
  },
];
