// Is a window of the address space the BAR0 of an NVMe controller? Judged by the accesses to it.
// For it: registers with values that fit their fields, doorbells whose values advance like a ring's.
// Against it: accesses that no NVMe driver makes. Widths, reserved offsets and fields: [NVMe-2.0] 3.1.3,
// [NVMe-PCIe-1.0] 3.1; BAR0 is aligned to 16 KiB because bits 13:4 of MLBAR are zero, [NVMe-PCIe-1.0] 2.1.10.

import { DOORBELL_BASE } from '../nvme/doorbell.js';
import { REGISTERS } from '../nvme/registers.js';

/** Alignment of BAR0, and its least size. */
export const BAR_ALIGNMENT = 0x4000;
/** Weight that settles the question while there may be more to come. */
const ENOUGH = 4;
/** Weight that suffices once there is nothing more to come. */
const ENOUGH_AT_END = 2;
/** What each doorbell write weighs whose value moved on: a handful of them looks like nothing else. */
const ADVANCE_WEIGHT = 0.5;
/** Largest step of a doorbell's value that counts as an advance. Linux' default queue has 1024 entries. */
const MAX_ADVANCE = 1024;
/** Doorbells whose last value is remembered. */
const MAX_DOORBELLS = 256;
/** Accesses after which nobody waits for an answer any longer. */
const PATIENCE = 256;

const ALL_ONES = 0xffff_ffff;
/** Registers end at CRTO, those of the persistent memory region are 0xe00 to 0xe1b. */
const RESERVED: readonly (readonly [number, number])[] = [
  [0x18, 0x1c],
  [0x6c, 0xe00],
  [0xe1c, DOORBELL_BASE],
];
/** The text that NSSR takes: "NVMe". */
const NSSR_TEXT = 0x4e56_4d65;

export type Verdict = 'open' | 'nvme' | 'other';

/** The bits of a register, or NaN when the value isn't known. */
function fieldsFit(value: number, mask: number): boolean {
  return (value & mask) === 0;
}

/** Collects what speaks for and against one window of BAR_ALIGNMENT bytes. */
export class BarCandidate {
  readonly base: number;
  verdict: Verdict = 'open';
  accesses = 0;
  private readonly seen = new Map<string, number>();
  private readonly lastValues = new Map<number, number>();
  private advances = 0;
  private sqDoorbells = 0;
  private cqDoorbells = 0;

  constructor(base: number) {
    this.base = base;
  }

  /** Whether the next accesses are likely to give an answer. */
  get worthWaiting(): boolean {
    return this.verdict === 'open' && this.accesses < PATIENCE;
  }

  /** Takes an access at an offset below BAR_ALIGNMENT; size and value are NaN when they aren't known. */
  see(offset: number, size: number, value: number, write: boolean): Verdict {
    if (this.verdict !== 'open') return this.verdict;
    this.accesses += 1;
    // Behind the first page of doorbells anything can lie: the MSI-X table, a memory buffer.
    if (offset >= 2 * DOORBELL_BASE) return this.verdict;
    const impossible = offset < DOORBELL_BASE ? this.register(offset, size, value, write) : this.doorbell(offset, size, value, write);
    if (impossible) this.verdict = 'other';
    else if (this.weight >= ENOUGH) this.verdict = 'nvme';
    return this.verdict;
  }

  /** Settles the question with what there is. */
  close(): Verdict {
    if (this.verdict === 'open') this.verdict = this.weight >= ENOUGH_AT_END ? 'nvme' : 'other';
    return this.verdict;
  }

  /** What speaks for it: "VS read as 1.4, CAP read, 12 doorbell writes that advance". */
  get evidence(): string {
    const parts = [...this.seen.keys()];
    if (this.advances > 0) parts.push(`${this.advances} doorbell writes that advance`);
    return parts.join(', ');
  }

  private get weight(): number {
    let sum = 0;
    for (const weight of this.seen.values()) sum += weight;
    // Without registers, both sides must ring: other devices have tail registers too.
    const bothSides = this.sqDoorbells > 0 && this.cqDoorbells > 0;
    return bothSides || sum > 0 ? sum + ADVANCE_WEIGHT * this.advances : 0;
  }

  /** True when it can't be an NVMe controller. */
  private register(offset: number, size: number, value: number, write: boolean): boolean {
    if (!Number.isNaN(size) && size !== 4 && size !== 8) return true;
    if (offset % 4 !== 0 || RESERVED.some(([from, to]) => offset >= from && offset < to)) return true;
    if (Number.isNaN(value) || value === ALL_ONES) return false;
    return write ? this.registerWrite(offset, value) : this.registerRead(offset, value);
  }

  private registerRead(offset: number, value: number): boolean {
    switch (offset) {
      case REGISTERS.CAP:
        // MQES at least 1, bits 23:19 reserved.
        if ((value & 0xffff) === 0 || !fieldsFit(value, 0xf8_0000)) return true;
        this.note('CAP read', 1);
        return false;
      case REGISTERS.CAP_HI:
        // CSS names a command set, MPSMAX >= MPSMIN.
        if ((value & 0x1fe0) !== 0 && ((value >>> 20) & 0xf) >= ((value >>> 16) & 0xf)) this.note('upper half of CAP read', 1);
        return false;
      case REGISTERS.VS: {
        const major = value >>> 16;
        const minor = (value >>> 8) & 0xff;
        if (major < 1 || major > 3 || minor > 9 || (value & 0xff) > 9) return true;
        this.note(`VS read as ${major}.${minor}`, 2);
        return false;
      }
      case REGISTERS.CSTS:
        if (!fieldsFit(value, 0xffff_ff80)) return true;
        this.note('CSTS read', 1);
        return false;
      default:
        return false;
    }
  }

  private registerWrite(offset: number, value: number): boolean {
    switch (offset) {
      // Read-only registers.
      case REGISTERS.CAP:
      case REGISTERS.CAP_HI:
      case REGISTERS.VS:
        return true;
      case REGISTERS.CC:
        // Bits 3:1 and 31:25 are reserved. 64-byte commands and 16-byte completions are the only sizes there are.
        if (!fieldsFit(value, 0xfe00_000e)) return true;
        if ((value & 1) === 1 && (value & 0xff_0000) === 0x46_0000) this.note('CC written: enabled with 64-byte commands', 2);
        else this.note('CC written', 1);
        return false;
      case REGISTERS.NSSR:
        if (value === NSSR_TEXT) this.note('NSSR written', 2);
        return false;
      case REGISTERS.AQA:
        if (!fieldsFit(value, 0xf000_f000)) return true;
        this.note('AQA written', 1);
        return false;
      case REGISTERS.ASQ:
      case REGISTERS.ACQ:
        if (!fieldsFit(value, 0xfff)) return true;
        this.note(offset === REGISTERS.ASQ ? 'ASQ written' : 'ACQ written', 1);
        return false;
      default:
        return false;
    }
  }

  private doorbell(offset: number, size: number, value: number, write: boolean): boolean {
    if (!Number.isNaN(size) && size !== 4) return true;
    if (offset % 4 !== 0) return true;
    if (!write || Number.isNaN(value)) return false;
    if (value > 0xffff) return true;
    if (offset % 8 === 0) this.sqDoorbells += 1;
    else this.cqDoorbells += 1;
    const last = this.lastValues.get(offset);
    if (last !== undefined && value > last && value - last <= MAX_ADVANCE) this.advances += 1;
    if (last !== undefined || this.lastValues.size < MAX_DOORBELLS) this.lastValues.set(offset, value);
    return false;
  }

  private note(what: string, weight: number): void {
    this.seen.set(what, weight);
  }
}
