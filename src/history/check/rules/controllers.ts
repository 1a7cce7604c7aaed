// Traces in which one controller is really two: side by side, or one run after another.

import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../../trace/event.js';
import type { SqLife } from '../../lives.js';
import type { HistoryObserver } from '../../observer.js';
import type { Position } from '../finding.js';
import { PerKey } from '../per-key.js';
import { type Rule, Watcher } from '../rule.js';

/** A controller that was enabled while it was enabled. */
interface SecondStart {
  readonly at: Position;
  /** I/O queues of before. */
  readonly queues: ReadonlySet<number>;
}

/** Follows starts of controllers without a reset in between, and tells what came of them. */
abstract class SecondStarts extends Watcher {
  override readonly kinds = [
    'controller.enable', 'controller.reset', 'queue.create', 'lost', 'doorbell.mmio', 'doorbell.shadow', 'eventidx', 'command.fetch', 'command.complete',
  ] as const;
  private readonly enabled = new Set<number>();
  private readonly starts = new Map<number, SecondStart>();

  /** The queues of before went on. */
  protected abstract wentOn(controller: number, queue: number, start: SecondStart): void;
  /** Nothing of before was seen again. */
  protected abstract stopped(controller: number, start: SecondStart): void;
  /** A queue is asked for. */
  protected created?(batch: EventBatch, row: number): void;

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND.lost:
        this.enabled.clear();
        this.starts.clear();
        break;
      case KIND['controller.reset']:
        this.close(controller);
        this.enabled.delete(controller);
        break;
      case KIND['controller.enable']:
        this.checked += 1;
        this.close(controller);
        if (this.enabled.has(controller)) {
          const queues = [...this.desk.controller(controller).sqs.keys()].filter((qid) => qid > 0);
          this.starts.set(controller, { at: this.desk.position(), queues: new Set(queues) });
        }
        this.enabled.add(controller);
        break;
      case KIND['queue.create']:
        this.created?.(batch, row);
        break;
      default:
        this.used(controller, batch.queue[row]!, batch.side[row]!);
        break;
    }
  }

  private used(controller: number, queue: number, side: number): void {
    const start = this.starts.get(controller);
    if (start === undefined || !start.queues.has(queue)) return;
    const view = this.desk.controller(controller);
    const life = side === SIDE_CQ ? view.cqs.get(queue) : view.sqs.get(queue);
    if ((life !== undefined && !life.depthInferred) || view.isPending(side === SIDE_CQ ? SIDE_CQ : SIDE_SQ, queue)) return;
    this.starts.delete(controller);
    this.wentOn(controller, queue, start);
  }

  private close(controller: number): void {
    const start = this.starts.get(controller);
    if (start === undefined) return;
    this.starts.delete(controller);
    this.stopped(controller, start);
  }

  override end(): void {
    for (const controller of this.starts.keys()) this.close(controller);
  }
}

class ControllersMerged extends SecondStarts {
  override readonly observer: HistoryObserver = this;
  /** Queues that were asked for while one of that number existed, by controller and queue. */
  private readonly again = new PerKey<number, { asked: SqLife | undefined }>(() => ({ asked: undefined }));

  protected override wentOn(controller: number, queue: number, { at }: SecondStart): void {
    this.desk.report({ controller, at }, `the controller was enabled twice without a reset in between, and queue ${queue} of before goes on: two of them share this trace`);
  }

  protected override stopped(): void {
    // RunsJoined tells of it.
  }

  protected override created(batch: EventBatch, row: number): void {
    if (batch.side[row] !== SIDE_SQ) return;
    const controller = batch.controller[row]!;
    const queue = batch.queue[row]!;
    const view = this.desk.controller(controller);
    const own = this.again.at(controller * 65_536 + queue);
    if (own === undefined || !view.whole) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    own.asked = view.sqs.get(queue);
  }

  /** A queue begins: only then did the device accept it. */
  sqCreated({ controller, qid, depth, depthInferred }: SqLife): void {
    if (depthInferred) return;
    const own = this.again.at(controller * 65_536 + qid);
    const before = own?.asked;
    if (own === undefined || before === undefined) return;
    own.asked = undefined;
    if (before.depthInferred || !before.whole) return;
    this.desk.report({ controller, queue: qid, side: SIDE_SQ }, `queue ${qid} was created with ${depth} entries while one of ${before.depth} existed: two controllers share this trace`);
  }
}

class RunsJoined extends SecondStarts {
  protected override wentOn(): void {
    // ControllersMerged tells of it.
  }

  protected override stopped(controller: number, { at, queues }: SecondStart): void {
    const before = queues.size === 0 ? 'it had no I/O queues before' : `nothing of its ${queues.size} I/O queues of before was seen again`;
    this.desk.report({ controller, at }, `the controller was enabled while it was enabled, and ${before}: two runs follow one another, or the records of a reset are missing`);
  }
}

/** The rule whose finding explains others of the same controller. */
export const MERGED = 'controllers-merged';

export const CONTROLLER_RULES: readonly Rule[] = [
  {
    id: MERGED,
    severity: 'warning',
    title: 'Events of several controllers can not be told apart.',
    doc: 'QEMU names no controller in its records, so that two of them in one process become one. It shows where a controller is enabled while it is enabled and its queues go on, or where a queue is created while it exists. It is listed first: counts are then not to be trusted, and findings of the same controller become one degree milder, and say so.',
    evidence: 'what happened twice',
    needs: 'a controller enable, or queue creations after one',
    source: 'QEMU hw/nvme/trace-events',
    watch: (desk) => new ControllersMerged(desk),
  },
  {
    id: 'runs-joined',
    severity: 'note',
    title: 'The controller starts anew without a reset.',
    doc: 'Two logs in one file, or one process after another that wrote to it, look so; so does a controller that is first enabled by another instance and not used. The queues of before end there, and each run is judged by itself.',
    evidence: 'where the second one begins',
    needs: 'a controller enable',
    source: 'Bellwether',
    watch: (desk) => new RunsJoined(desk),
  },
];
