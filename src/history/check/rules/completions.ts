// Completions that wait for a driver that takes them, or until a timeout looks for them.

import { formatNs } from '../../../base/units.js';
import type { EventBatch } from '../../../trace/batch.js';
import { SIDE_CQ } from '../../../trace/event.js';
import { REGISTERS } from '../../../nvme/registers.js';
import type { ControllerView } from '../../controller.js';
import type { HistoryObserver } from '../../observer.js';
import type { CommandLife, CqLife } from '../../lives.js';
import { type Rule, Watcher } from '../rule.js';

/** A completion that the driver took, or never did. */
interface Taken {
  readonly command: CommandLife;
  /** NaN: it never did. */
  readonly takenNs: number;
  /** From the completion to when the driver took it, or to the end of its queue. */
  readonly waitNs: number;
}

/**
 * Judges completions whose wait is known. Where the driver's own events were captured, or every CQ head is a register
 * write, that is each of them. With shadow doorbells the device sees the head when it looks, maybe long after the driver moved it;
 * only a register write tells when: the driver stored the head just before, and had then consumed the last entry up to it.
 */
abstract class Consumption extends Watcher implements HistoryObserver {
  override readonly observer: HistoryObserver = this;
  private last: Taken | undefined;

  protected abstract judge(taken: Taken): void;

  commandEnded(command: CommandLife): void {
    const { setupNs, completedNs, reapedNs, finishedNs } = command;
    if (Number.isNaN(completedNs)) return;
    // The driver's record follows its move of the head, which with shadow doorbells the device may see later still.
    const takenNs = Number.isNaN(finishedNs) ? reapedNs : Math.min(finishedNs, Number.isNaN(reapedNs) ? Infinity : reapedNs);
    const waitNs = (Number.isNaN(takenNs) ? command.sq.cq.closedNs : takenNs) - completedNs;
    const taken = { command, takenNs, waitNs };
    if (Number.isNaN(waitNs)) this.open += 1;
    else if (!Number.isNaN(setupNs) || ringsHeads(this.desk.controller(command.sq.controller))) this.judge(taken);
    else {
      this.open += 1;
      this.last = taken;
    }
  }

  reaped(cq: CqLife, timeNs: number, count: number, mmio: boolean): void {
    const { last } = this;
    this.last = undefined;
    if (last === undefined || !mmio || count === 0 || last.command.sq.cq !== cq || last.command.reapedNs !== timeNs) return;
    this.open -= 1;
    this.judge(last);
  }
}

class StalledCompletion extends Consumption {
  protected override judge({ command, takenNs, waitNs }: Taken): void {
    this.checked += 1;
    if (waitNs <= this.desk.stallNs) return;
    const { qid, controller } = command.sq;
    const interrupted = Number.isNaN(command.interruptNs) ? 'no interrupt seen' : `an interrupt was sent ${formatNs(command.interruptNs - command.completedNs)} after it`;
    const end = Number.isNaN(takenNs) ? 'still not consumed' : 'consumed';
    this.desk.report({ controller, queue: qid, side: SIDE_CQ }, `command ${command.cid} completed and was ${end} ${formatNs(waitNs)} later; ${interrupted}`);
  }
}

/** Whether every move of a CQ head is a register write. */
export function ringsHeads({ shadow, silent }: ControllerView): boolean {
  return !shadow && !silent;
}

class CompletionPolled extends Consumption {
  override readonly kinds = ['register.read'] as const;
  private readonly statusReadNs = new Map<number, number>();

  override before(batch: EventBatch, row: number): void {
    if (batch.extra[row] === REGISTERS.CSTS) this.statusReadNs.set(batch.controller[row]!, batch.timeNs[row]!);
  }

  protected override judge({ command, takenNs, waitNs }: Taken): void {
    const { qid, controller } = command.sq;
    const readNs = this.statusReadNs.get(controller);
    if (readNs === undefined || Number.isNaN(takenNs)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    // The timeout handler reads CSTS, polls the queue, and writes the head.
    const between = readNs > command.completedNs && takenNs - readNs <= this.desk.stallNs / 10;
    if (waitNs <= this.desk.stallNs || !between) return;
    this.desk.report(
      { controller, queue: qid, side: SIDE_CQ },
      `command ${command.cid} waited ${formatNs(waitNs)} for the driver, which took it ${formatNs(takenNs - readNs)} after a read of CSTS`,
    );
  }
}

export const COMPLETION_RULES: readonly Rule[] = [
  {
    id: 'stalled-completion',
    severity: 'warning',
    title: 'A completion waited for the driver for too long.',
    doc: 'The device is done, so the interrupt was lost, the driver missed it, or its vCPU did not run. With shadow doorbells the device learns of the head when it looks: then it is judged by the driver\'s own record of the end and, for the last entry before it, by a register write of the head; others are left open. The limit is --stall-ms.',
    evidence: 'the command, the time, and how long after the completion an interrupt was sent',
    needs: 'time stamps and completions, with CQ head writes or the driver\'s own events',
    source: 'QEMU thread "completion timeouts with pin-based interrupts", January 2023',
    watch: (desk) => new StalledCompletion(desk),
  },
  {
    id: 'completion-polled',
    severity: 'warning',
    title: 'A completion was found by the timeout handler.',
    doc: 'Linux logs "timeout, completion polled". In a trace: a completion waits longer than --stall-ms, CSTS is read, and at once the head moves. What is known of the time is what stalled-completion goes by. A tool that reads the registers looks the same.',
    evidence: 'the command, the time, and when CSTS was read',
    needs: 'time stamps, completions, register reads and the driver\'s consumption',
    source: 'Linux nvme_timeout',
    watch: (desk) => new CompletionPolled(desk),
  },
];
