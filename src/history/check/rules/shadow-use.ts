// Who uses the doorbell buffers: one side alone for the admin queue, and a device whose right to them has ended.

import { ADMIN_OPCODES } from '../../../nvme/opcodes.js';
import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_SQ } from '../../../trace/event.js';
import { askedFor } from '../asked.js';
import { type Rule, Watcher } from '../rule.js';

interface AdminUse {
  readonly controller: number;
  readonly side: number;
  /** Shadow reads and EventIdx publications. */
  uses: number;
  writes: number;
  /** Register writes that EventIdx did not ask for. */
  unasked: number;
}

class AdminOneSided extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'] as const;
  private readonly admin = new Map<string, AdminUse>();
  /** Controllers whose shadow accesses this capture shows. */
  private readonly shows = new Set<number>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    if (batch.kind[row] !== KIND['doorbell.mmio']) this.shows.add(controller);
    if (batch.queue[row] !== 0) return;
    const side = batch.side[row]!;
    const view = this.desk.controller(controller);
    if (!view.shadow) return;
    const key = `${controller} ${side}`;
    let own = this.admin.get(key);
    if (own === undefined) {
      own = { controller, side, uses: 0, writes: 0, unasked: 0 };
      this.admin.set(key, own);
    }
    if (batch.kind[row] !== KIND['doorbell.mmio']) {
      own.uses += 1;
      return;
    }
    own.writes += 1;
    const verdict = askedFor(view, this.desk.side(controller, 0, side), batch.value[row]!);
    if (verdict?.asked === false) own.unasked += 1;
  }

  override end(): void {
    for (const { controller, side, uses, writes, unasked } of this.admin.values()) {
      if (!this.shows.has(controller)) {
        this.open += 1;
        continue;
      }
      const where = { controller, queue: 0, side, at: undefined };
      const after = `after Doorbell Buffer Config the driver wrote the register ${writes} times`;
      if (writes > 0 && uses === 0) this.desk.report(where, `${after}; the device used no shadow word`);
      else if (unasked > 0) this.desk.report(where, `${after}, ${unasked} times where EventIdx did not ask for it; the device used the shadow words ${uses} times`);
      // Where EventIdx asked for every write, a driver that uses the words would have written them too.
      if (uses === 0 || unasked > 0) this.checked += 1;
      else this.open += 1;
    }
  }
}

class NotOwned extends Watcher {
  override readonly kinds = ['dbbuf.config', 'doorbell.shadow', 'eventidx', 'queue.create', 'queue.delete', 'controller.reset', 'controller.enable', 'command.fetch', 'command.setup'] as const;
  /** Controllers that were enabled after a reset and have no buffers since. */
  private readonly bare = new Map<number, 'reset' | 'enabled'>();
  /** What the admin commands since a controller's enable were: with one for the buffers, its end may not have been captured. */
  private readonly admin = new Map<number, 'others' | 'config'>();
  private readonly shows = new Set<number>();
  /** Controllers whose Doorbell Buffer Config this capture shows: where it shows none, none need be missing. */
  private readonly configured = new Set<number>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND['controller.reset']:
        this.bare.set(controller, 'reset');
        break;
      case KIND['controller.enable']:
        this.admin.delete(controller);
        if (this.bare.get(controller) === 'reset') this.bare.set(controller, 'enabled');
        break;
      case KIND['dbbuf.config']:
        this.bare.delete(controller);
        this.configured.add(controller);
        break;
      case KIND['queue.create']:
      case KIND['queue.delete']:
        this.shows.add(controller);
        break;
      case KIND['command.fetch']:
      case KIND['command.setup']:
        this.commanded(controller, batch.queue[row]!, batch.opcode[row]!);
        break;
      default:
        this.used(controller, batch, row);
        break;
    }
  }

  private commanded(controller: number, queue: number, opcode: number): void {
    if (queue !== 0 || this.admin.get(controller) === 'config') return;
    const config = opcode === ADMIN_OPCODES.DOORBELL_BUFFER_CONFIG || opcode === ADMIN_OPCODES.GOOGLE_DOORBELL_MEMORY;
    this.admin.set(controller, config ? 'config' : 'others');
  }

  private used(controller: number, batch: EventBatch, row: number): void {
    const view = this.desk.controller(controller);
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    if (!view.whole) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const what = batch.kind[row] === KIND.eventidx ? 'writes EventIdx' : 'reads the shadow doorbell';
    if (this.bare.get(controller) === 'enabled' && this.configured.has(controller)) {
      this.desk.report({ queue, side }, `the device ${what} after a reset, and no Doorbell Buffer Config came since`);
      return;
    }
    if (this.admin.get(controller) === 'others' && !this.configured.has(controller)) {
      this.desk.report({ queue, side }, `the device ${what}, and among the admin commands since the controller was enabled there is no Doorbell Buffer Config`);
      return;
    }
    const exists = side === SIDE_SQ ? view.sqs.has(queue) : view.cqs.has(queue);
    if (exists || view.isPending(side, queue) || !this.shows.has(controller)) return;
    this.desk.report({ queue, side }, `the device ${what} of queue ${queue}, which does not exist`);
  }
}

export const SHADOW_USE_RULES: readonly Rule[] = [
  {
    id: 'admin-one-sided',
    severity: 'note',
    title: 'Only one side uses shadow doorbells for the admin queue.',
    doc: 'The specification includes the admin queue, Linux leaves it out, and QEMU copies its register writes into the shadow words. That works, and where the device uses the words and its EventIdx asks for every write, nothing in a trace tells whether the driver stores them: not decidable. A device that trusts the words alone hangs on the first admin command, which shows as stalled-command on queue 0.',
    evidence: 'register writes, those that EventIdx did not ask for, and uses of the shadow word',
    needs: 'an admin register write that EventIdx did not ask for, or a device that leaves the shadow words of the admin queue alone',
    source: 'NVMe Base 2.0, 5.8; Linux nvme_dbbuf_init; QEMU hw/nvme nvme_process_db',
    watch: (desk) => new AdminOneSided(desk),
  },
  {
    id: 'shadow-not-owned',
    severity: 'error',
    title: 'The device uses shadow words that are not its own.',
    doc: 'Doorbell Buffer Config ends with a reset, and a queue\'s words with the queue. A device that goes on reads and overwrites memory that the guest has given to others. Told from the next enable on, because work may still end during the reset itself. Where the capture shows admin commands from an enable on and none of them gave it buffers, the device has none at all.',
    evidence: 'whether it read or wrote, and the queue',
    needs: 'a controller from an enable or reset on, with nothing lost, and its shadow accesses; the admin commands since, or a Doorbell Buffer Config before',
    source: 'NVMe Base 2.0, 5.8; OpenVMM pull request 4080; QEMU a2da737729',
    watch: (desk) => new NotOwned(desk),
  },
];
