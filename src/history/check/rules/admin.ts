// What the admin queue tells: aborts, queues that were refused, and controllers that can't be told apart.

import { ADMIN_OPCODES } from '../../../nvme/opcodes.js';
import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_SQ } from '../../../trace/event.js';
import type { SqLife } from '../../lives.js';
import type { HistoryObserver } from '../../observer.js';
import { PerKey } from '../per-key.js';
import { type Rule, Watcher } from '../rule.js';

/** Queues whose commands are counted for evidence, at most. */
const MAX_COUNTED = 1024;

class AbortSent extends Watcher {
  override readonly kinds = ['command.fetch', 'command.setup'] as const;
  private last: { readonly kind: number; readonly cid: number; readonly controller: number } | undefined;

  override before(batch: EventBatch, row: number): void {
    if (batch.queue[row] !== 0) return;
    this.checked += 1;
    const own = { kind: batch.kind[row]!, cid: batch.cid[row]!, controller: batch.controller[row]! };
    const again = this.last !== undefined && this.last.cid === own.cid && this.last.controller === own.controller && this.last.kind !== own.kind;
    this.last = own;
    // Where both sides were captured, the same command shows twice.
    if (batch.opcode[row] !== ADMIN_OPCODES.ABORT || again) return;
    const { sqs } = this.desk.controller(own.controller);
    let waiting = 0;
    if (sqs.size <= MAX_COUNTED) for (const sq of sqs.values()) waiting += sq.qid === 0 ? 0 : sq.open.size;
    this.desk.report({ queue: 0 }, `the driver sent Abort, with ${sqs.size > MAX_COUNTED ? 'an unknown number of' : waiting} I/O commands outstanding`);
  }
}

class QueueRefused extends Watcher {
  override readonly kinds = ['queue.create', 'command.complete', 'command.reap'] as const;
  private readonly waiting = new Map<string, { readonly queue: number; readonly side: number }>();

  override before(batch: EventBatch, row: number): void {
    const key = `${batch.controller[row]} ${batch.cid[row]}`;
    if (batch.kind[row] === KIND['queue.create']) {
      if (batch.cid[row] !== ABSENT && this.waiting.size < 4096) this.waiting.set(key, { queue: batch.queue[row]!, side: batch.side[row]! });
      return;
    }
    if (batch.queue[row] !== 0) return;
    const creation = this.waiting.get(key);
    if (creation === undefined) return;
    this.waiting.delete(key);
    this.checked += 1;
    if (batch.status[row] === 0) return;
    this.desk.report(creation, `its creation failed with status ${batch.status[row]!.toString(16)}h`);
  }
}

class ControllersMerged extends Watcher {
  override readonly kinds = ['controller.enable', 'controller.reset', 'queue.create', 'lost'] as const;
  override readonly observer: HistoryObserver = this;
  private readonly enabled = new Set<number>();
  /** Queues that were asked for while one of that number existed, by controller and queue. */
  private readonly again = new PerKey<number, { asked: SqLife | undefined }>(() => ({ asked: undefined }));

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND.lost:
        this.enabled.clear();
        break;
      case KIND['controller.reset']:
        this.enabled.delete(controller);
        break;
      case KIND['controller.enable']:
        this.checked += 1;
        if (this.enabled.has(controller)) this.desk.report({ controller }, 'the controller was enabled twice without a reset in between: two of them share this trace');
        this.enabled.add(controller);
        break;
      default:
        if (batch.side[row] === SIDE_SQ) this.asked(controller, batch.queue[row]!);
        break;
    }
  }

  private asked(controller: number, queue: number): void {
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

export const ADMIN_RULES: readonly Rule[] = [
  {
    id: 'abort-sent',
    severity: 'warning',
    title: 'The driver sent Abort.',
    doc: 'Linux does so when a command has not completed in 30 s and polling found nothing: a lost doorbell, or a backend that is slower than that.',
    evidence: 'I/O commands outstanding then',
    needs: 'admin commands',
    source: 'Linux nvme_timeout',
    watch: (desk) => new AbortSent(desk),
  },
  {
    id: 'queue-refused',
    severity: 'warning',
    title: 'The device refused to create a queue.',
    doc: 'Old drivers that never set the entry sizes in CC meet this since QEMU 8.1.',
    evidence: 'the queue and the status',
    needs: 'Create I/O Queue commands and their completions',
    source: 'QEMU 6a33f2e920',
    watch: (desk) => new QueueRefused(desk),
  },
  {
    id: 'controllers-merged',
    severity: 'warning',
    title: 'Events of several controllers can not be told apart.',
    doc: 'QEMU names no controller in its records, so that two of them in one process become one. A controller that is enabled twice, or a queue that is created while it exists, shows it. Counts and other findings are then not to be trusted.',
    evidence: 'what happened twice',
    needs: 'a controller enable, or queue creations after one',
    source: 'QEMU hw/nvme/trace-events',
    watch: (desk) => new ControllersMerged(desk),
  },
];
