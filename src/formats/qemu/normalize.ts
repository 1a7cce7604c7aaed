// From an event of QEMU's NVMe device to a normalized event: the one place that knows what the device's events mean.
// Every backend that carries these events (log, simple, ftrace, syslog) calls it with numbers.
// [QEMU-10.0 hw/nvme/ctrl.c] nvme_process_db, nvme_process_sq, nvme_post_cqes, nvme_create_sq, nvme_write_bar.

import { unreachable } from '../../base/assert.js';
import { DOORBELL_BASE, doorbellAt, doorbellOffset } from '../../nvme/doorbell.js';
import { adminCqDepth, adminSqDepth } from '../../nvme/registers.js';
import { ABSENT } from '../../trace/batch.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, INTERRUPT_PIN, KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';
import type { Stamp } from '../stamp.js';
import type { MappedEvent } from './mapped.js';
import { DeviceRows } from './rows.js';

/** Ignored name of a register write that the doorbell event behind it reports again. */
export const SAME_ACCESS = 'pci_nvme_mmio_write (same access as the doorbell event)';

/**
 * Writes normalized events and counts them. Records must come in the order of the capture, each once:
 * mapped ones through `event`, all other device records through `pass`.
 *
 * A trapped doorbell write shows twice: `mmio_write`, then `mmio_doorbell_*` or, if it is refused, `ub_db_wr_*`.
 * So an `mmio_write` to a doorbell is held until the next device record tells which it is.
 */
export class QemuNormalizer {
  private readonly rows: DeviceRows;
  private readonly tally: Tally;
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
    this.rows = new DeviceRows(target, controller);
    this.tally = target.tally;
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
        return this.rows.queueValue(KIND['doorbell.mmio'], SIDE_SQ, args[0]!, args[1]!, stamp);
      case 'mmio_doorbell_cq':
        return this.rows.queueValue(KIND['doorbell.mmio'], SIDE_CQ, args[0]!, args[1]!, stamp);
      case 'shadow_doorbell_sq':
      case 'update_sq_tail':
        return this.rows.queueValue(KIND['doorbell.shadow'], SIDE_SQ, args[0]!, args[1]!, stamp);
      case 'shadow_doorbell_cq':
      case 'update_cq_head':
        return this.rows.queueValue(KIND['doorbell.shadow'], SIDE_CQ, args[0]!, args[1]!, stamp);
      case 'eventidx_sq':
      case 'update_sq_eventidx':
        return this.rows.queueValue(KIND.eventidx, SIDE_SQ, args[0]!, args[1]!, stamp);
      case 'eventidx_cq':
      case 'update_cq_eventidx':
        return this.rows.queueValue(KIND.eventidx, SIDE_CQ, args[0]!, args[1]!, stamp);
      case 'io_cmd':
        return this.rows.fetch(args, stamp);
      case 'admin_cmd':
        this.adminCid = args[1]!;
        return this.rows.fetch(args, stamp);
      case 'rw':
      case 'read':
      case 'write':
        return this.rows.range(args, stamp);
      case 'enqueue_req_completion':
        return this.rows.complete(args, stamp);
      case 'irq_msix':
        return this.rows.interrupt(INTERRUPT_MSIX, args[0]!, stamp);
      case 'irq_pin':
        return this.rows.interrupt(INTERRUPT_PIN, NaN, stamp);
      case 'irq_masked':
        return this.rows.interrupt(INTERRUPT_MASKED, NaN, stamp);
      case 'create_sq':
        return this.rows.create(SIDE_SQ, args, args[2]!, this.adminCid, stamp);
      case 'create_cq':
        return this.rows.create(SIDE_CQ, args, args[3] === 0 ? -1 : args[2]!, this.adminCid, stamp);
      case 'del_sq':
        return this.rows.remove(SIDE_SQ, args[0]!, stamp);
      case 'del_cq':
        return this.rows.remove(SIDE_CQ, args[0]!, stamp);
      case 'dbbuf_config':
        return this.rows.plain(KIND['dbbuf.config'], args[0]!, args[1]!, stamp);
      case 'mmio_read':
        return this.rows.plain(KIND['register.read'], NaN, args[0]!, stamp);
      case 'mmio_aqattr':
        this.aqa = args[0]!;
        return false;
      case 'mmio_start_success':
        return this.enable(stamp);
      case 'mmio_stopped':
      case 'pci_reset':
        return this.rows.plain(KIND['controller.reset'], NaN, NaN, stamp);
      case 'mmio_shutdown_set':
        return this.rows.plain(KIND['controller.shutdown'], NaN, NaN, stamp);
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
      return this.rows.plain(KIND['register.write'], data, addr, stamp);
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
    this.rows.queueValue(KIND['doorbell.mmio'], doorbell.side === 'sq' ? SIDE_SQ : SIDE_CQ, doorbell.qid, this.heldData & 0xffff, this.heldStamp);
  }

  private enable(stamp: Stamp): true {
    const known = !Number.isNaN(this.aqa);
    return this.rows.plain(
      KIND['controller.enable'],
      known ? adminSqDepth(this.aqa) : NaN,
      known ? adminCqDepth(this.aqa) : NaN,
      stamp,
    );
  }
}
