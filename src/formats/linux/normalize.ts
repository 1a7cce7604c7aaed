// From a record of the kernel's trace to normalized events: the one place that knows what the kernel's events mean.
// Every format that carries them (ftrace text, perf script, trace.dat) calls it with fields and counts nothing itself
// but what it rejects. [LINUX drivers/nvme/host/trace.h, arch/x86/kvm/trace.h]
//
//   const kernel = new KernelNormalizer(target);      // one for each source
//   const event = findKernelEvent('nvme', name);      // kernel-events.ts; undefined: kernel.unknown(name)
//   if (!kernel.record(event, fields, stamp)) tally.reject(place, kernel.reason, text);
//   if (!kernel.mark(bytes, start, end, true, stamp)) ...  // instead, for an event whose action is 'mark'
//   kernel.end();                                     // before the summary

import { unreachable } from '../../base/assert.js';
import { ABSENT } from '../../trace/batch.js';
import type { EventWriter } from '../../trace/batch.js';
import { KIND } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import { BarFinder } from '../bar.js';
import type { DecodeTarget } from '../format.js';
import type { Stamp } from '../stamp.js';
import { ISA_SVM, ISA_VMX } from './exit-reasons.js';
import type { FieldReader } from './fields.js';
import type { KernelEvent } from './kernel-events.js';
import { Marks } from './marks.js';
import { messageOf } from './message.js';
import { MmioRecords } from './mmio.js';
import { NvmeRecords } from './nvme.js';

export { findKernelEvent } from './kernel-events.js';
export type { KernelEvent } from './kernel-events.js';

/** [AMD-APM-2] appendix C: nested page fault; EXITINFO2 is the guest-physical address. */
const SVM_EXIT_NPF = 0x400;
/** VMX keeps flags in the upper half of the exit reason. [SDM-3] 27.9.1 */
const VMX_REASON_MASK = 0xffff;

/** Ignored name of a message that the device's own event tells of. */
export const SAME_AS_DEVICE = 'kvm_msi_set_irq (same interrupt as irq_msix)';

/** Writes normalized events and counts records, which must come in the order of the capture. */
export class KernelNormalizer {
  /** Why `record` or `mark` returned false. */
  reason = '';
  private readonly tally: Tally;
  private readonly bars: BarFinder;
  private readonly nvme = new NvmeRecords();
  private readonly mmio: MmioRecords;
  private readonly marks: Marks;

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.bars = new BarFinder(target);
    this.mmio = new MmioRecords(this.bars, target.tally);
    this.marks = new Marks(target, this.bars, this.mmio);
  }

  /** Takes a record whose action isn't `mark`. False when it must be rejected: see `reason`. */
  record(event: KernelEvent, fields: FieldReader, stamp: Stamp): boolean {
    switch (event.action) {
      case 'setup':
        return this.wrote(this.nvme.setup(fields, false, stamp, this.writer));
      case 'setup-admin':
        return this.wrote(this.nvme.setup(fields, true, stamp, this.writer));
      case 'reap':
        return this.wrote(this.nvme.reap(fields, stamp, this.writer));
      case 'mmio':
        return this.took(this.mmio.access(fields, stamp));
      case 'fast-mmio':
        return this.took(this.mmio.fastWrite(fields, stamp));
      case 'message':
        return this.took(this.message(fields, stamp));
      case 'vm-exit':
        this.marks.leave(stamp.thread);
        return this.exit(fields, stamp);
      case 'vm-entry':
        this.marks.leave(stamp.thread);
        this.add(KIND['vm.entry'], stamp);
        return true;
      case 'count':
        this.tally.ignore(event.name);
        return true;
      case 'mark':
        throw new Error('internal error: a mark goes to mark()');
      default:
        return unreachable(event.action);
    }
  }

  /**
   * Takes the text, without newline, that a program wrote into the trace: bytes [start, end). `pid` is its process, ABSENT where
   * the capture doesn't tell. False as for `record`.
   */
  mark(bytes: Uint8Array, start: number, end: number, terminated: boolean, stamp: Stamp, pid: number = ABSENT): boolean {
    return this.took(this.marks.take(bytes, start, end, terminated, stamp, pid));
  }

  /** Whether bytes [start, end), a line that belongs to no record, have an event of QEMU's device in them. */
  hasDeviceEvent(bytes: Uint8Array, start: number, end: number): boolean {
    return this.marks.hasEvent(bytes, start, end);
  }

  /** Counts a record whose event isn't among KERNEL_EVENTS. */
  unknown(name: string): void {
    this.tally.unknown(name);
  }

  /** The capture says that records are missing here, `count` of them or NaN: one record, one event. */
  lost(count: number, stamp: Stamp): void {
    const row = this.add(KIND.lost, stamp);
    this.writer.batch.value[row] = count;
    if (!Number.isNaN(count)) this.tally.lost += count;
  }

  /** Call once, after the last record. */
  end(): void {
    this.marks.end();
    this.bars.end();
  }

  /** What was found out about the source beyond its format, for the dialect: "", or phrases separated by "; ". */
  get findings(): string {
    return [...(this.marks.deviceEvents ? ["QEMU's ftrace backend"] : []), ...(this.mmio.seen ? [this.bars.evidence] : [])].join('; ');
  }

  private get writer(): EventWriter {
    return this.bars.writer;
  }

  private add(kind: number, stamp: Stamp): number {
    const { writer } = this;
    const row = writer.add(kind, stamp.timeNs);
    writer.batch.thread[row] = stamp.thread;
    writer.batch.place[row] = stamp.place;
    this.tally.events += 1;
    return row;
  }

  /** kvm_msi_set_irq. The device's own event of the same interrupt, in the same trace, stands before it. */
  private message(fields: FieldReader, stamp: Stamp): string | undefined {
    const message = messageOf(fields);
    if (message === undefined) return 'no destination and vector';
    if (this.marks.interrupts) this.tally.ignore(SAME_AS_DEVICE);
    else this.bars.message(message.key, message.otherKey, stamp);
    return undefined;
  }

  private exit(fields: FieldReader, stamp: Stamp): true {
    const row = this.add(KIND['vm.exit'], stamp);
    const { batch } = this.writer;
    const isa = fields.number('isa');
    const reason = fields.number('exit_reason');
    batch.value[row] = isa === ISA_VMX ? reason & VMX_REASON_MASK : reason;
    if (isa === ISA_SVM && reason === SVM_EXIT_NPF) batch.extra[row] = safe(fields.number('info2'));
    return true;
  }

  /** After a record that is an event unless `reason` says why not. */
  private wrote(reason: string | undefined): boolean {
    if (reason === undefined) this.tally.events += 1;
    return this.took(reason);
  }

  private took(reason: string | undefined): boolean {
    this.reason = reason ?? '';
    return reason === undefined;
  }
}

function safe(value: number): number {
  return Number.isSafeInteger(value) ? value : NaN;
}
