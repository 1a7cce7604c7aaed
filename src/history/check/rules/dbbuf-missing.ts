// A driver that no longer configures the doorbell buffers, though it did before a reset.

import { plural } from '../../../base/units.js';
import type { EventBatch } from '../../../trace/batch.js';
import { KIND } from '../../../trace/event.js';
import type { SqLife } from '../../lives.js';
import type { Position } from '../finding.js';
import { type Rule, Watcher } from '../rule.js';

/** Different sizes of queues that are told apart. */
const MAX_SHAPES = 64;

/** What tells one driver's I/O queues from another's: firmware makes short ones and polls. */
function shapeOf({ depth, cq }: SqLife): string {
  return `${depth} ${cq.vector >= 0}`;
}

/** Use of one controller without Doorbell Buffer Config, from its enable or reset on. */
interface BareUse {
  readonly queue: number;
  readonly at: Position;
  readonly sameDriver: boolean;
  commands: number;
}

class NotRestored extends Watcher {
  override readonly kinds = ['dbbuf.config', 'command.fetch', 'command.setup', 'controller.reset', 'controller.enable'] as const;
  /** Shapes of the I/O queues of each controller whose driver configured the buffers. */
  private readonly had = new Map<number, Set<string>>();
  private readonly configured = new Set<number>();
  /** Controllers that were reset and not enabled since. */
  private readonly reset = new Set<number>();
  private readonly bare = new Map<number, BareUse>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND['dbbuf.config']:
        this.configured.add(controller);
        this.checked += 1;
        break;
      case KIND['controller.reset']:
      case KIND['controller.enable']:
        this.close(controller);
        this.configured.delete(controller);
        // Without a reset before it, another run may begin here, with another device.
        if (batch.kind[row] === KIND['controller.enable'] && !this.reset.delete(controller)) this.had.delete(controller);
        else if (batch.kind[row] === KIND['controller.reset']) this.reset.add(controller);
        break;
      default:
        this.used(controller, batch.queue[row]!);
        break;
    }
  }

  private used(controller: number, queue: number): void {
    if (queue === 0) return;
    const view = this.desk.controller(controller);
    const sq = view.sqs.get(queue);
    const shapes = this.had.get(controller);
    if (this.configured.has(controller)) {
      if (sq === undefined || sq.depthInferred) return;
      if (shapes === undefined) this.had.set(controller, new Set([shapeOf(sq)]));
      else if (shapes.size < MAX_SHAPES) shapes.add(shapeOf(sq));
      return;
    }
    if (view.shadow) return;
    const own = this.bare.get(controller);
    if (own !== undefined) {
      own.commands += 1;
      return;
    }
    if (shapes === undefined || !view.whole || sq === undefined || sq.depthInferred) this.open += 1;
    else this.bare.set(controller, { queue, at: this.desk.position(), sameDriver: shapes.has(shapeOf(sq)), commands: 1 });
  }

  /** An epoch ends. */
  private close(controller: number): void {
    const own = this.bare.get(controller);
    if (own === undefined) return;
    this.bare.delete(controller);
    const { queue, at, sameDriver, commands } = own;
    if (!sameDriver || this.configured.has(controller)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    this.desk.report({ controller, queue, at }, `${plural(commands, 'I/O command')} without Doorbell Buffer Config, which this controller accepted before a reset, from a driver with queues of the same size`);
  }

  override end(): void {
    for (const controller of this.bare.keys()) this.close(controller);
  }
}

export const DBBUF_MISSING_RULES: readonly Rule[] = [
  {
    id: 'dbbuf-missing',
    severity: 'warning',
    title: 'Doorbell Buffer Config is missing although the device offers it.',
    doc: 'What a device offers stands in Identify data, which no trace shows. It is known where the same controller accepted the command before a reset: settings do not survive one. Judged when the controller is reset again or the trace ends. Firmware, which reads a few blocks by queues of its own before the kernel takes over, is left open: its queues are of another size, or have no interrupts.',
    evidence: 'the first I/O queue used without it, and how many commands there were',
    needs: 'a controller that accepted the command, and a reset with I/O after it',
    source: 'Linux 5.2 "init shadow doorbell after each reset"; NVMe Base 2.0, 5.8',
    watch: (desk) => new NotRestored(desk),
  },
];
