// Completions that wait: without an interrupt, without a driver that takes them, or until a timeout looks for them.

import { formatNs } from '../../../base/units.js';
import type { EventBatch } from '../../../trace/batch.js';
import { SIDE_CQ } from '../../../trace/event.js';
import { REGISTERS } from '../../../nvme/registers.js';
import type { ControllerView } from '../../controller.js';
import type { HistoryObserver } from '../../observer.js';
import type { CommandLife, CqLife } from '../../lives.js';
import { type Rule, Watcher } from '../rule.js';

class StalledCompletion extends Watcher implements HistoryObserver {
  override readonly observer: HistoryObserver = this;

  commandEnded(command: CommandLife): void {
    const { cq, qid, controller } = command.sq;
    if (Number.isNaN(command.completedNs)) return;
    // With shadow doorbells the device learns of the head when it looks, which may be long after the driver moved it.
    const seesDriver = !Number.isNaN(command.setupNs) || ringsHeads(this.desk.controller(controller));
    const untilNs = Number.isNaN(command.reapedNs) ? cq.closedNs : command.reapedNs;
    const waitNs = untilNs - command.completedNs;
    if (!seesDriver || Number.isNaN(waitNs)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (waitNs <= this.desk.stallNs) return;
    const interrupted = Number.isNaN(command.interruptNs) ? 'no interrupt seen' : 'an interrupt was sent';
    const end = Number.isNaN(command.reapedNs) ? 'still not consumed' : 'consumed';
    this.desk.report({ controller, queue: qid, side: SIDE_CQ }, `command ${command.cid} completed and was ${end} ${formatNs(waitNs)} later; ${interrupted}`);
  }
}

/** Whether every move of a CQ head is a register write. */
function ringsHeads({ shadow, silent }: ControllerView): boolean {
  return !shadow && !silent;
}

/** Completions on a queue with interrupts after which one would have come. */
const ENOUGH_COMPLETIONS = 16;

class NoInterrupt extends Watcher implements HistoryObserver {
  override readonly kinds = ['interrupt'] as const;
  override readonly observer: HistoryObserver = this;
  /** Controllers whose interrupts this capture shows. */
  private readonly shows = new Set<number>();
  private readonly signalled = new WeakSet<CqLife>();
  private readonly silent: { readonly controller: number; readonly queue: number; readonly completed: number }[] = [];

  override before(batch: EventBatch, row: number): void {
    this.shows.add(batch.controller[row]!);
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
    if (!Number.isNaN(command.interruptNs) || waitNs <= this.desk.stallNs) return;
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
      if (!this.shows.has(controller)) {
        this.open += 1;
        continue;
      }
      this.checked += 1;
      this.desk.report({ controller, queue, side: SIDE_CQ, at: undefined }, `${completed} completions, and not one interrupt, on a queue that was created with interrupts`, 'warning');
    }
  }
}

class CompletionPolled extends Watcher implements HistoryObserver {
  override readonly kinds = ['register.read'] as const;
  override readonly observer: HistoryObserver = this;
  private readonly statusReadNs = new Map<number, number>();

  override before(batch: EventBatch, row: number): void {
    if (batch.extra[row] === REGISTERS.CSTS) this.statusReadNs.set(batch.controller[row]!, batch.timeNs[row]!);
  }

  commandEnded(command: CommandLife): void {
    const { qid, controller } = command.sq;
    const waitNs = command.reapedNs - command.completedNs;
    if (Number.isNaN(waitNs)) return;
    const readNs = this.statusReadNs.get(controller);
    if (readNs === undefined) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    // The timeout handler reads CSTS, polls the queue, and writes the head.
    const between = readNs > command.completedNs && command.reapedNs - readNs <= this.desk.stallNs / 10;
    if (waitNs <= this.desk.stallNs || !between) return;
    this.desk.report(
      { controller, queue: qid, side: SIDE_CQ },
      `command ${command.cid} waited ${formatNs(waitNs)} for the driver, which took it ${formatNs(command.reapedNs - readNs)} after a read of CSTS`,
    );
  }
}

export const COMPLETION_RULES: readonly Rule[] = [
  {
    id: 'stalled-completion',
    severity: 'warning',
    title: 'A completion waited for the driver for too long.',
    doc: 'The device is done, so the interrupt was lost, the driver missed it, or its vCPU did not run. Left open under shadow doorbells unless the driver\'s own events were captured, because the device learns of the head when it looks. The limit is --stall-ms.',
    evidence: 'the command, the time, and whether an interrupt was sent',
    needs: 'time stamps and completions, with CQ head writes (shadow doorbells off) or the driver\'s own events',
    source: 'QEMU thread "completion timeouts with pin-based interrupts", January 2023',
    watch: (desk) => new StalledCompletion(desk),
  },
  {
    id: 'no-interrupt',
    severity: 'error',
    title: 'Completions wait, and no interrupt comes.',
    doc: 'For queues that were created with interrupts, in captures that show interrupts. An error when the completion was seen to wait longer than --stall-ms; a warning when it may have been consumed earlier, and for a queue that had completions and never an interrupt.',
    evidence: 'the command, the time and the vector, or the number of completions',
    needs: 'time stamps, the creation of a completion queue, completions, and interrupts on the controller',
    source: 'NVMe Base 2.0, 3.3.3; QEMU hw/nvme nvme_irq_assert',
    watch: (desk) => new NoInterrupt(desk),
  },
  {
    id: 'completion-polled',
    severity: 'warning',
    title: 'A completion was found by the timeout handler.',
    doc: 'Linux logs "timeout, completion polled". In a trace: a completion waits longer than --stall-ms, CSTS is read, and at once the head moves. A tool that reads the registers looks the same.',
    evidence: 'the command, the time, and when CSTS was read',
    needs: 'time stamps, completions, register reads and the driver\'s consumption',
    source: 'Linux nvme_timeout',
    watch: (desk) => new CompletionPolled(desk),
  },
];
