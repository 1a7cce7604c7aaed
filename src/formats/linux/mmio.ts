// KVM's records of MMIO by guest-physical address. [LINUX arch/x86/kvm/trace.h, virt/kvm/kvm_main.c]
// The BAR finder tells which of them go to an NVMe controller, writes their events and counts them.

import type { Tally } from '../../trace/tally.js';
import type { BarFinder } from '../bar.js';
import type { Stamp } from '../stamp.js';
import type { FieldReader } from './fields.js';

/** kvm_mmio `type`. */
const UNSATISFIED_READ = 0;
const READ = 1;
const WRITE = 2;

/** Ignored name of the first half of a read; the second half has the value. */
export const READ_BEGINS = 'kvm_mmio (unsatisfied-read)';
/** Threads whose last access is remembered, at most. */
const MAX_THREADS = 4096;

/** A thread's access that KVM recorded last. */
export interface KvmAccess {
  address: number;
  value: number;
  write: boolean;
}

/** Takes MMIO records. Each method returns the reason when the record must be rejected. */
export class MmioRecords {
  /** Whether the source has any. */
  seen = false;
  private readonly bars: BarFinder;
  private readonly tally: Tally;
  private readonly lastByThread = new Map<number, KvmAccess>();

  constructor(bars: BarFinder, tally: Tally) {
    this.bars = bars;
    this.tally = tally;
  }

  /** kvm_mmio. */
  access(fields: FieldReader, stamp: Stamp): string | undefined {
    const type = fields.number('type');
    const size = fields.number('len');
    const address = fields.number('gpa');
    const value = fields.number('val');
    if (!(type >= UNSATISFIED_READ && type <= WRITE) || Number.isNaN(value)) return 'no access type and value';
    if (!(Number.isSafeInteger(address) && address >= 0)) return 'no guest-physical address within 0..2^53 - 1';
    this.seen = true;
    const write = type === WRITE;
    if (type !== READ) this.remember(stamp.thread, address, value, write);
    if (type === UNSATISFIED_READ) {
      this.tally.ignore(READ_BEGINS);
      return undefined;
    }
    // A batch holds whole numbers up to 2^53 - 1; for what was read, the upper half suffices.
    this.bars.access(address, size, write && !Number.isSafeInteger(value) ? NaN : value, write, stamp);
    return undefined;
  }

  /** kvm_fast_mmio: a write of unknown value and length, for an eventfd. */
  fastWrite(fields: FieldReader, stamp: Stamp): string | undefined {
    const address = fields.number('gpa');
    if (!(Number.isSafeInteger(address) && address >= 0)) return 'no guest-physical address within 0..2^53 - 1';
    this.seen = true;
    this.bars.access(address, NaN, NaN, true, stamp);
    return undefined;
  }

  /** What KVM recorded last of a thread, before it went to user space with it. */
  lastOf(thread: number): KvmAccess | undefined {
    return this.lastByThread.get(thread);
  }

  private remember(thread: number, address: number, value: number, write: boolean): void {
    const last = this.lastByThread.get(thread);
    if (last !== undefined) {
      last.address = address;
      last.value = value;
      last.write = write;
    } else if (this.lastByThread.size < MAX_THREADS) {
      this.lastByThread.set(thread, { address, value, write });
    }
  }
}
