// Doorbell Buffer Config: whether, when and how the buffers were set up.

import { ADMIN_OPCODES } from '../../../nvme/opcodes.js';
import { shadowOffset } from '../../../nvme/doorbell.js';
import { REGISTERS, pageBytes } from '../../../nvme/registers.js';
import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../../trace/event.js';
import { type Rule, Watcher } from '../rule.js';

/** Bytes of the smallest memory page. [NVMe-2.0] 3.1.3.5, CC.MPS */
const SMALLEST_PAGE = 4096;

class Geometry extends Watcher {
  override readonly kinds = ['dbbuf.config', 'register.write', 'queue.create', 'controller.reset'] as const;
  private readonly pages = new Map<number, number>();
  /** Epoch in which each controller's buffers were set up, so that its queues are gone through once. */
  private readonly configured = new Map<number, number>();

  override after(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    const kind = batch.kind[row];
    if (kind === KIND['register.write']) {
      if (batch.extra[row] === REGISTERS.CC && !Number.isNaN(batch.value[row]!)) this.pages.set(controller, pageBytes(batch.value[row]!));
    } else if (kind === KIND['controller.reset']) {
      this.configured.delete(controller);
    } else if (kind === KIND['dbbuf.config']) {
      this.addresses(controller, batch.value[row]!, batch.extra[row]!);
      const view = this.desk.controller(controller);
      if (this.configured.get(controller) === view.epoch) return;
      this.configured.set(controller, view.epoch);
      for (const qid of view.sqs.keys()) this.fits(controller, qid, SIDE_SQ);
      for (const qid of view.cqs.keys()) this.fits(controller, qid, SIDE_CQ);
    } else if (this.configured.has(controller)) {
      this.fits(controller, batch.queue[row]!, batch.side[row]!);
    }
  }

  private addresses(controller: number, shadow: number, eventIdx: number): void {
    if (Number.isNaN(shadow) || Number.isNaN(eventIdx)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const page = this.pages.get(controller) ?? SMALLEST_PAGE;
    const at = `shadow doorbells at ${shadow.toString(16)}h, EventIdx at ${eventIdx.toString(16)}h, pages of ${page} bytes`;
    if (shadow % page !== 0 || eventIdx % page !== 0) this.desk.report({ controller }, `${at}: not on a page boundary`);
    if (shadow === 0 || eventIdx === 0) this.desk.report({ controller }, `${at}: the device writes to address 0`);
    if (Math.abs(shadow - eventIdx) < page) this.desk.report({ controller }, `${at}: they overlap`);
  }

  private fits(controller: number, queue: number, side: number): void {
    const page = this.pages.get(controller) ?? SMALLEST_PAGE;
    if (queue === ABSENT) return;
    const end = shadowOffset(queue, side === SIDE_SQ ? 'sq' : 'cq') + 4;
    if (end <= page) return;
    this.desk.report({ controller, queue, side }, `its word ends at byte ${end} of a buffer of one page, ${page} bytes`);
  }
}

class AfterIo extends Watcher {
  override readonly kinds = ['dbbuf.config'] as const;
  /** Epoch of each controller that was judged: a second configuration in it moves the buffers. */
  private readonly judged = new Map<number, number>();

  override before(batch: EventBatch, row: number): void {
    const view = this.desk.controller(batch.controller[row]!);
    if (this.judged.get(view.id) === view.epoch) return;
    this.judged.set(view.id, view.epoch);
    if (!view.whole) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const used = [...view.sqs.values()].filter((sq) => sq.qid !== 0 && (sq.announced > 0 || sq.setups > 0 || sq.fetched > 0));
    if (used.length === 0) return;
    const commands = used.reduce((sum, sq) => sum + Math.max(sq.announced, sq.setups, sq.fetched), 0);
    this.desk.report({ controller: view.id }, `${commands} I/O commands on ${used.length} queues came before Doorbell Buffer Config`);
  }
}

class Refused extends Watcher {
  override readonly kinds = ['command.setup', 'command.fetch', 'command.complete', 'command.reap'] as const;
  /** Doorbell Buffer Config commands that are outstanding. */
  private readonly waiting = new Set<string>();

  override before(batch: EventBatch, row: number): void {
    if (batch.queue[row] !== 0) return;
    const kind = batch.kind[row];
    const key = `${batch.controller[row]} ${batch.cid[row]}`;
    if (kind === KIND['command.setup'] || kind === KIND['command.fetch']) {
      const opcode = batch.opcode[row];
      const config = opcode === ADMIN_OPCODES.DOORBELL_BUFFER_CONFIG || opcode === ADMIN_OPCODES.GOOGLE_DOORBELL_MEMORY;
      if (config && this.waiting.size < 1024) this.waiting.add(key);
      else this.waiting.delete(key);
    } else if (this.waiting.delete(key)) {
      this.checked += 1;
      if (batch.status[row] === 0) return;
      this.desk.report({ queue: 0 }, `Doorbell Buffer Config failed with status ${batch.status[row]!.toString(16)}h: every announcement must now be a register write`);
    }
  }
}

export const DBBUF_RULES: readonly Rule[] = [
  {
    id: 'dbbuf-geometry',
    severity: 'error',
    title: 'The doorbell buffers are misplaced or too small.',
    doc: 'Each buffer is one memory page of CC.MPS (4 KiB where the capture does not show CC), page-aligned, and holds two words of at least 4 bytes for every queue. Address 0 and buffers that overlap are accepted by QEMU, and destroy what is there. The doorbell stride is taken as 4 bytes, its least.',
    evidence: 'both addresses and the page, or the queue whose word lies beyond it',
    needs: 'Doorbell Buffer Config with its addresses',
    source: 'NVMe Base 2.0, 5.8; QEMU hw/nvme nvme_dbbuf_config',
    watch: (desk) => new Geometry(desk),
  },
  {
    id: 'dbbuf-after-io',
    severity: 'warning',
    title: 'Doorbell Buffer Config came after I/O had begun.',
    doc: 'A driver that already decides by its zeroed words rings for the first command only, and the controller knows nothing of the others. Harmless if the driver writes every doorbell until the command succeeds; stalled-command shows whether it did.',
    evidence: 'commands that came before',
    needs: 'a controller from enable or reset to Doorbell Buffer Config',
    source: 'Linux 06c59d427017 (set doorbell config before unquiescing)',
    watch: (desk) => new AfterIo(desk),
  },
  {
    id: 'dbbuf-refused',
    severity: 'warning',
    title: 'The device refused Doorbell Buffer Config.',
    doc: 'Either the driver looked at the wrong capability bit, or the buffers were bad. A driver that keeps using them afterwards stores into memory that is no longer its own.',
    evidence: 'the status',
    needs: 'a Doorbell Buffer Config command and its completion',
    source: 'Linux 223694b9ae8b (support bit), 0f0d2c876c96 (pointers left behind), b4e78f1427c7',
    watch: (desk) => new Refused(desk),
  },
];
