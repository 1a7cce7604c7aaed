// From an event of QEMU's NVMe device to a normalized event: the one place that knows what the device's events mean.
// Every backend that carries these events (log, simple, ftrace, syslog) calls it with numbers.
// [QEMU-10.0 hw/nvme/ctrl.c] nvme_process_db, nvme_process_sq, nvme_post_cqes, nvme_create_sq, nvme_write_bar.

import { unreachable } from '../../base/assert.js';
import { DOORBELL_BASE, doorbellAt, doorbellOffset } from '../../nvme/doorbell.js';
import { adminCqDepth, adminSqDepth } from '../../nvme/registers.js';
import { ABSENT } from '../../trace/batch.js';
import type { EventWriter } from '../../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, INTERRUPT_PIN, KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';

/**
 * The events that say something to the model, and the arguments it needs of each, by their names in events.ts.
 * Callers pass the arguments in this order. Every other device event is counted as ignored by its full name.
 */
export const MAPPED_EVENTS = {
  mmio_read: ['addr'],
  mmio_write: ['addr', 'data'],
  mmio_doorbell_sq: ['sqid', 'new_tail'],
  mmio_doorbell_cq: ['cqid', 'new_head'],
  shadow_doorbell_sq: ['sqid', 'new_shadow_doorbell'],
  shadow_doorbell_cq: ['cqid', 'new_shadow_doorbell'],
  update_sq_tail: ['sqid', 'new_tail'],
  update_cq_head: ['cqid', 'new_head'],
  eventidx_sq: ['sqid', 'new_eventidx'],
  eventidx_cq: ['cqid', 'new_eventidx'],
  update_sq_eventidx: ['sqid', 'new_eventidx'],
  update_cq_eventidx: ['cqid', 'new_eventidx'],
  io_cmd: ['sqid', 'cid', 'opcode'],
  admin_cmd: ['sqid', 'cid', 'opcode'],
  rw: ['cid', 'lba', 'nlb'],
  read: ['cid', 'lba', 'nlb'],
  write: ['cid', 'lba', 'nlb'],
  enqueue_req_completion: ['cqid', 'cid', 'status'],
  irq_msix: ['vector'],
  irq_pin: [],
  irq_masked: [],
  create_sq: ['sqid', 'qsize', 'cqid'],
  create_cq: ['cqid', 'size', 'vector', 'ien'],
  del_sq: ['qid'],
  del_cq: ['cqid'],
  dbbuf_config: ['dbs_addr', 'eis_addr'],
  mmio_aqattr: ['data'],
  mmio_start_success: [],
  mmio_stopped: [],
  pci_reset: [],
  mmio_shutdown_set: [],
} as const satisfies Record<string, readonly string[]>;

export type MappedEvent = keyof typeof MAPPED_EVENTS;

/** Most arguments that a mapped event takes. */
export const MAX_MAPPED_ARGS = 4;

/** Ignored name of a register write that the doorbell event behind it reports again. */
export const SAME_ACCESS = 'pci_nvme_mmio_write (same access as the doorbell event)';

export function isMapped(name: string): name is MappedEvent {
  return Object.hasOwn(MAPPED_EVENTS, name);
}

/** Where and when a record was found. */
export interface Stamp {
  /** Since the trace's origin; NaN without a time stamp. */
  timeNs: number;
  /** ABSENT when the record names no thread. */
  thread: number;
  /** Line (from 1) or byte (from 0). */
  place: number;
}

/**
 * Writes normalized events and counts them. Records must come in the order of the capture, each once:
 * mapped ones through `event`, all other device records through `pass`.
 *
 * A trapped doorbell write shows twice: `mmio_write`, then `mmio_doorbell_*` or, if it is refused, `ub_db_wr_*`.
 * So an `mmio_write` to a doorbell is held until the next device record tells which it is.
 */
export class QemuNormalizer {
  private readonly writer: EventWriter;
  private readonly tally: Tally;
  private readonly controller: number;
  /** The held write; its address is ABSENT when none is held. */
  private heldAddr: number = ABSENT;
  private heldData = 0;
  private readonly heldStamp: Stamp = { timeNs: NaN, thread: ABSENT, place: NaN };
  /** Whether a doorbell write is known to show twice: a capture can have been asked for `mmio_write` alone. */
  private showsTwice = false;
  /** Value of the last AQA write, NaN before one. */
  private aqa = NaN;
  /** Identifier of the last admin command that the device took. */
  private adminCid: number = ABSENT;

  /** `controller` tells the devices of several QEMU processes in one capture apart. */
  constructor(target: DecodeTarget, controller = 0) {
    this.writer = target.writer;
    this.tally = target.tally;
    this.controller = controller;
  }

  /**
   * Takes a mapped event with its arguments in the order of MAPPED_EVENTS, NaN for one that its definition lacks.
   * False when it becomes no event of its own: the caller counts it as ignored.
   */
  event(name: MappedEvent, args: Float64Array, stamp: Stamp): boolean {
    if (this.heldAddr !== ABSENT && !this.isBetween(stamp)) this.settle(name, args);
    switch (name) {
      case 'mmio_write':
        return this.registerWrite(args[0]!, args[1]!, stamp);
      case 'mmio_doorbell_sq':
        return this.queueValue(KIND['doorbell.mmio'], SIDE_SQ, args, stamp);
      case 'mmio_doorbell_cq':
        return this.queueValue(KIND['doorbell.mmio'], SIDE_CQ, args, stamp);
      case 'shadow_doorbell_sq':
      case 'update_sq_tail':
        return this.queueValue(KIND['doorbell.shadow'], SIDE_SQ, args, stamp);
      case 'shadow_doorbell_cq':
      case 'update_cq_head':
        return this.queueValue(KIND['doorbell.shadow'], SIDE_CQ, args, stamp);
      case 'eventidx_sq':
      case 'update_sq_eventidx':
        return this.queueValue(KIND.eventidx, SIDE_SQ, args, stamp);
      case 'eventidx_cq':
      case 'update_cq_eventidx':
        return this.queueValue(KIND.eventidx, SIDE_CQ, args, stamp);
      case 'io_cmd':
        return this.fetch(args, stamp);
      case 'admin_cmd':
        this.adminCid = args[1]!;
        return this.fetch(args, stamp);
      case 'rw':
      case 'read':
      case 'write':
        return this.range(args, stamp);
      case 'enqueue_req_completion':
        return this.complete(args, stamp);
      case 'irq_msix':
        return this.interrupt(INTERRUPT_MSIX, args[0]!, stamp);
      case 'irq_pin':
        return this.interrupt(INTERRUPT_PIN, NaN, stamp);
      case 'irq_masked':
        return this.interrupt(INTERRUPT_MASKED, NaN, stamp);
      case 'create_sq':
        return this.create(SIDE_SQ, args, args[2]!, stamp);
      case 'create_cq':
        return this.create(SIDE_CQ, args, args[3] === 0 ? -1 : args[2]!, stamp);
      case 'del_sq':
        return this.remove(SIDE_SQ, args[0]!, stamp);
      case 'del_cq':
        return this.remove(SIDE_CQ, args[0]!, stamp);
      case 'dbbuf_config':
        return this.plain(KIND['dbbuf.config'], args[0]!, args[1]!, stamp);
      case 'mmio_read':
        return this.plain(KIND['register.read'], NaN, args[0]!, stamp);
      case 'mmio_aqattr':
        this.aqa = args[0]!;
        return false;
      case 'mmio_start_success':
        return this.enable(stamp);
      case 'mmio_stopped':
      case 'pci_reset':
        return this.plain(KIND['controller.reset'], NaN, NaN, stamp);
      case 'mmio_shutdown_set':
        return this.plain(KIND['controller.shutdown'], NaN, NaN, stamp);
      default:
        return unreachable(name);
    }
  }

  /** The thread of the write that waits for its doorbell event; undefined when none waits. */
  get waitingThread(): number | undefined {
    return this.heldAddr === ABSENT ? undefined : this.heldStamp.thread;
  }

  /** A device record that isn't mapped or was rejected went by: a held write stands for itself. */
  pass(): void {
    if (this.heldAddr !== ABSENT) this.release();
  }

  /** Call once, after the last record. */
  end(): void {
    this.pass();
  }

  private registerWrite(addr: number, data: number, stamp: Stamp): boolean {
    if (addr < DOORBELL_BASE || doorbellAt(addr) === undefined) {
      return this.plain(KIND['register.write'], data, addr, stamp);
    }
    if (this.heldAddr !== ABSENT) this.release();
    this.heldAddr = addr;
    this.heldData = data;
    this.heldStamp.timeNs = stamp.timeNs;
    this.heldStamp.thread = stamp.thread;
    this.heldStamp.place = stamp.place;
    return true;
  }

  /** Drops the held write when this is the doorbell event of the same access, else lets it become an event. */
  private settle(name: MappedEvent, args: Float64Array): void {
    const side = name === 'mmio_doorbell_sq' ? 'sq' : name === 'mmio_doorbell_cq' ? 'cq' : undefined;
    const same =
      side !== undefined && doorbellOffset(args[0]!, side) === this.heldAddr && args[1] === (this.heldData & 0xffff);
    if (!same) {
      this.release();
      return;
    }
    this.heldAddr = ABSENT;
    this.showsTwice = true;
    this.tally.ignore(SAME_ACCESS);
  }

  /**
   * Another thread's record between the two events of one access, as of a second QEMU that writes to the same file, says
   * nothing of that access. Only where both events are known to show is the second waited for: elsewhere the write would
   * end up behind what followed it.
   */
  private isBetween({ thread }: Stamp): boolean {
    const held = this.heldStamp.thread;
    return this.showsTwice && held !== thread && held !== ABSENT && thread !== ABSENT;
  }

  private release(): void {
    const doorbell = doorbellAt(this.heldAddr);
    this.heldAddr = ABSENT;
    if (doorbell === undefined) return;
    const row = this.add(KIND['doorbell.mmio'], this.heldStamp);
    const batch = this.writer.batch;
    batch.queue[row] = doorbell.qid;
    batch.side[row] = doorbell.side === 'sq' ? SIDE_SQ : SIDE_CQ;
    batch.value[row] = this.heldData & 0xffff;
  }

  private add(kind: number, stamp: Stamp): number {
    const row = this.writer.add(kind, stamp.timeNs);
    const batch = this.writer.batch;
    batch.thread[row] = stamp.thread;
    batch.controller[row] = this.controller;
    batch.place[row] = stamp.place;
    this.tally.events += 1;
    return row;
  }

  private plain(kind: number, value: number, extra: number, stamp: Stamp): true {
    const row = this.add(kind, stamp);
    this.writer.batch.value[row] = value;
    this.writer.batch.extra[row] = extra;
    return true;
  }

  private queueValue(kind: number, side: number, args: Float64Array, stamp: Stamp): true {
    const row = this.add(kind, stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.side[row] = side;
    batch.value[row] = args[1]!;
    return true;
  }

  private fetch(args: Float64Array, stamp: Stamp): true {
    const row = this.add(KIND['command.fetch'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.cid[row] = args[1]!;
    batch.opcode[row] = args[2]!;
    return true;
  }

  /** The `rw` of QEMU 5.1 and older names no command, so nothing can be said about one. */
  private range(args: Float64Array, stamp: Stamp): boolean {
    if (Number.isNaN(args[0])) return false;
    const row = this.add(KIND['command.range'], stamp);
    const batch = this.writer.batch;
    batch.cid[row] = args[0]!;
    batch.value[row] = args[1]!;
    batch.extra[row] = args[2]!;
    return true;
  }

  private complete(args: Float64Array, stamp: Stamp): true {
    const row = this.add(KIND['command.complete'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.side[row] = SIDE_CQ;
    batch.cid[row] = args[1]!;
    batch.status[row] = args[2]!;
    return true;
  }

  private interrupt(how: number, vector: number, stamp: Stamp): true {
    return this.plain(KIND.interrupt, vector, how, stamp);
  }

  /** QEMU prints the queue's size field, which counts from 0. */
  private create(side: number, args: Float64Array, extra: number, stamp: Stamp): true {
    const row = this.add(KIND['queue.create'], stamp);
    const batch = this.writer.batch;
    batch.queue[row] = args[0]!;
    batch.side[row] = side;
    batch.cid[row] = this.adminCid;
    batch.value[row] = args[1]! + 1;
    batch.extra[row] = extra;
    return true;
  }

  private remove(side: number, qid: number, stamp: Stamp): true {
    const row = this.add(KIND['queue.delete'], stamp);
    this.writer.batch.queue[row] = qid;
    this.writer.batch.side[row] = side;
    return true;
  }

  private enable(stamp: Stamp): true {
    const known = !Number.isNaN(this.aqa);
    return this.plain(
      KIND['controller.enable'],
      known ? adminSqDepth(this.aqa) : NaN,
      known ? adminCqDepth(this.aqa) : NaN,
      stamp,
    );
  }
}
