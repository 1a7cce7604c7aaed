// Text that programs wrote into the trace (trace_marker): the events of QEMU's `ftrace` trace backend, and notes.
// [QEMU scripts/tracetool/backend/ftrace.py, trace/ftrace.c] QEMU writes `<event name> <text>` at once, without a prefix.
//
// With KVM's own events in the same trace, an access to the controller may show twice: as kvm_mmio, then, from the same
// thread, as an event of the device. The first becomes the event, since it is there for eventfds too; the second is counted
// under its name, and its offset tells where the BAR is.

import { unreachable } from '../../base/assert.js';
import { doorbellOffset } from '../../nvme/doorbell.js';
import { EventWriter } from '../../trace/batch.js';
import type { EventBatch } from '../../trace/batch.js';
import { KIND } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { BarFinder } from '../bar.js';
import type { DecodeTarget } from '../format.js';
import type { Stamp } from '../stamp.js';
import { TOO_MANY_PROCESSES } from '../qemu/processes.js';
import { OTHER_TEXT, RecordReader } from '../qemu/record.js';
import { MarkProcesses } from './mark-processes.js';
import type { MmioRecords } from './mmio.js';

/** Behind the name of a device event that repeats what kvm_mmio said. */
export const SAME_AS_KVM = ' (same access as kvm_mmio)';
/** BARs are aligned to their size, and the doorbells of the first queues lie in one page. */
const PAGE = 0x1000;

/** Takes marks, in the order of the capture. */
export class Marks {
  /** Whether any was an event of QEMU's NVMe device. */
  deviceEvents = false;
  /** Whether the device's interrupts are among them. */
  interrupts = false;
  private readonly tally: Tally;
  private readonly bars: BarFinder;
  private readonly mmio: MmioRecords;
  private readonly record = new RecordReader();
  private readonly processes: MarkProcesses;
  /** What the device's events go through, so that they keep their place among events that the BAR finder holds. */
  private readonly through: EventWriter;

  constructor(target: DecodeTarget, bars: BarFinder, mmio: MmioRecords) {
    this.tally = target.tally;
    this.bars = bars;
    this.mmio = mmio;
    this.through = new EventWriter((batch) => handOn(batch, bars.writer), 8);
    this.processes = new MarkProcesses({ writer: this.through, tally: target.tally });
  }

  /** Takes the text in [start, end), without newline, of a process or of one that isn't known. Returns the reason when it must be rejected. */
  take(bytes: Uint8Array, start: number, end: number, terminated: boolean, stamp: Stamp, pid: number): string | undefined {
    const { record } = this;
    const found = record.read(bytes, start, end, terminated);
    switch (found) {
      case 'mapped':
      case 'counted':
        this.deviceEvents = true;
        return this.device(found === 'mapped', stamp, pid);
      case 'ignored':
        if (record.name === OTHER_TEXT) this.note(stamp);
        else this.tally.ignore(record.name);
        return undefined;
      case 'unknown':
        this.tally.unknown(record.name);
        return undefined;
      case 'rejected':
        this.processes.passAll();
        this.through.flush();
        return record.reason;
      default:
        return unreachable(found);
    }
  }

  /** Whether bytes [start, end) have a device event in them, or a piece of one: a line that lost its beginning. */
  hasEvent(bytes: Uint8Array, start: number, end: number): boolean {
    const found = this.record.read(bytes, start, end, true);
    return found === 'mapped' || found === 'counted' || found === 'rejected';
  }

  /** The thread enters or leaves the guest: QEMU is through with the access that it reported last. */
  leave(thread: number): void {
    this.processes.leave(thread);
    this.through.flush();
  }

  /** Call once, after the last record and before the BAR finder ends. */
  end(): void {
    this.processes.passAll();
    this.through.flush();
  }

  private device(mapped: boolean, stamp: Stamp, pid: number): string | undefined {
    const { record } = this;
    if (mapped && this.mmio.seen && this.repeatsKvm(stamp.thread)) {
      this.tally.ignore(record.name + SAME_AS_KVM);
      return undefined;
    }
    if (mapped && record.mapped === 'irq_msix') this.interrupts = true;
    const process = this.processes.of(pid, stamp.thread);
    if (process === undefined) return TOO_MANY_PROCESSES;
    if (!mapped) process.normalizer.pass();
    if (!mapped || !process.normalizer.event(record.mapped, record.text.args, stamp)) this.tally.ignore(record.name);
    this.through.flush();
    return undefined;
  }

  private repeatsKvm(thread: number): boolean {
    const last = this.mmio.lastOf(thread);
    if (last === undefined) return false;
    const [first = NaN, second = NaN] = this.record.text.args;
    const offset = this.accessOffset(first);
    const write = this.record.mapped !== 'mmio_read';
    if (Number.isNaN(offset) || write !== last.write || offset % PAGE !== last.address % PAGE) return false;
    if (write && (second & 0xffff) !== (last.value & 0xffff)) return false;
    const base = last.address - offset;
    if (base < 0) return false;
    this.bars.claim(base, `the device reports the same access at 0x${offset.toString(16)}`);
    return true;
  }

  /** Where in the BAR the event's access went; NaN when it is no access. The device's events assume CAP.DSTRD 0, as QEMU has. */
  private accessOffset(first: number): number {
    switch (this.record.mapped) {
      case 'mmio_read':
      case 'mmio_write':
        return first;
      case 'mmio_doorbell_sq':
        return doorbellOffset(first, 'sq');
      case 'mmio_doorbell_cq':
        return doorbellOffset(first, 'cq');
      default:
        return NaN;
    }
  }

  private note(stamp: Stamp): void {
    const { writer } = this.bars;
    const row = writer.add(KIND.mark, stamp.timeNs);
    writer.batch.thread[row] = stamp.thread;
    writer.batch.place[row] = stamp.place;
    this.tally.events += 1;
  }
}

function handOn(from: EventBatch, writer: EventWriter): void {
  for (let row = 0; row < from.length; row++) writer.copy(from, row);
}
