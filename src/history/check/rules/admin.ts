// What the admin queue tells: aborts, and queues that were refused.

import { ADMIN_OPCODES } from '../../../nvme/opcodes.js';
import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND } from '../../../trace/event.js';
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
];
