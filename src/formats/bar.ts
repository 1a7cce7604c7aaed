// Which addresses are the BAR0 of an NVMe controller, for captures that record MMIO by address: ftrace and trace.dat
// with kvm_mmio (guest-physical), mmiotrace (physical as the traced kernel sees it). Given by --bar, or found by the
// pattern of the accesses (bar-candidate.ts). What an access to a BAR means is in bar-map.ts.
//
// How a decoder uses it:
//   const finder = new BarFinder(target);          // one for each source
//   finder.access(address, 4, value, true, stamp); // each MMIO record, also those of other devices; counts it
//   finder.message(key, NaN, stamp);               // each interrupt message, also those of other devices; counts it
//   const writer = finder.writer;                  // for each other event, to keep the order
//   const row = writer.add(KIND.mark, timeNs); writer.batch.place[row] = line; target.tally.events += 1;
//   finder.end();                                  // before the summary; then finder.evidence is known
//
// While a window of the address space is undecided, accesses and all later events are held; they are handed on in
// order when it is decided, when HOLD_ROWS are held, or at the end. A controller that is recognised only after that
// loses what came before: it is counted as outside. Memory: 4 MiB while something is held.

import { usageError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import { EventBatch, EventWriter } from '../trace/batch.js';
import type { Tally } from '../trace/tally.js';
import { BAR_ALIGNMENT, BarCandidate } from './bar-candidate.js';
import { BarMap } from './bar-map.js';
import type { AccessStamp } from './bar-map.js';
import type { DecodeTarget } from './format.js';

export type { AccessStamp } from './bar-map.js';

/** Ignored name of MMIO to anything but an NVMe controller. */
export const OUTSIDE_BAR = '(MMIO outside the NVMe BAR)';
/** Ignored name of a message that no MSI-X table of a controller has. */
export const OTHER_MESSAGE = 'kvm_msi_set_irq';
/** Events that wait for a decision, at most. */
export const HOLD_ROWS = 65_536;
/** Windows looked at, at most; further ones are outside. */
const MAX_CANDIDATES = 4096;
/** The controller column has 8 bits. */
const MAX_CONTROLLERS = 256;
/** Kind of a held row that is an access: value, extra = address, opcode = size, side = 1 for a write. */
const HELD_ACCESS = 0;
/** Kind of a held row that is a message: value, extra = its key in both readings. */
const HELD_MESSAGE = 255;
const UNKNOWN_SIZE = -1;

/** A BAR0 that the user named. */
export interface BarRange {
  readonly base: number;
  /** Bytes; undefined: the least size of an NVMe BAR0. */
  readonly size?: number | undefined;
}

/** What the user knows about a capture of MMIO by address. */
export interface MmioOptions {
  /** The controllers' BARs, in the order of the controllers; empty: they are found. */
  readonly bars: readonly BarRange[];
  /** CAP.DSTRD of all of them; undefined: as read from CAP, else 0. */
  readonly dstrd?: number | undefined;
}

/** Reads `ADDR[:SIZE]`, both in any base that a C literal can have. Throws a usage error. */
export function parseBar(text: string): BarRange {
  const [address = '', length, ...rest] = text.split(':');
  const base = wholeNumber(address);
  const size = length === undefined ? undefined : wholeNumber(length);
  if (rest.length > 0 || Number.isNaN(base) || (size !== undefined && !(size > 0))) {
    throw usageError(`--bar ${text}: expected ADDR or ADDR:SIZE, such as 0xfebf0000 or 0xfebf0000:0x4000`, [
      'In the guest or on the host, "lspci -v" and /proc/iomem show where the controller\'s memory is.',
    ]);
  }
  if (base % 0x1000 !== 0) throw usageError(`--bar ${text}: a BAR is aligned to its size, ${address} isn't even to 4 KiB`);
  return { base, size };
}

function wholeNumber(text: string): number {
  const value = /^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

/** Finds BARs, and maps the accesses to them. One belongs to one source. */
export class BarFinder {
  private readonly target: EventWriter;
  private readonly tally: Tally;
  private readonly dstrd: number | undefined;
  private readonly given: boolean;
  private readonly bars: BarMap[] = [];
  private readonly candidates = new Map<number, BarCandidate>();
  private readonly sizes = new Map<number, number>();
  private readonly mapped = new Map<number, number>();
  /** The undecided windows that are worth waiting for. */
  private readonly awaited = new Set<BarCandidate>();
  private held: EventWriter | undefined;
  private holding = false;
  private outside = 0;

  constructor(target: DecodeTarget) {
    this.target = target.writer;
    this.tally = target.tally;
    this.dstrd = target.mmio?.dstrd;
    const ranges = target.mmio?.bars ?? [];
    this.given = ranges.length > 0;
    for (const { base, size } of ranges) this.accept(base, 'given', size);
  }

  /** What to write the next event to that is no MMIO access. Ask again for each event. */
  get writer(): EventWriter {
    if (this.holding && this.awaited.size === 0) this.release();
    return this.holding ? this.heldWriter() : this.target;
  }

  /** Takes an MMIO access of any device and counts it. `size` and `value` are NaN when the record has none. */
  access(address: number, size: number, value: number, write: boolean, stamp: AccessStamp): void {
    if (this.holding && this.awaited.size === 0) this.release();
    if (!this.given && this.barOf(address) === undefined) this.judge(address, size, value, write);
    if (this.awaited.size === 0 && !this.holding) {
      this.settle(address, size, value, write, stamp, this.target);
      return;
    }
    this.holding = true;
    const held = this.heldWriter();
    const row = held.add(HELD_ACCESS, stamp.timeNs);
    held.batch.thread[row] = stamp.thread;
    held.batch.place[row] = stamp.place;
    held.batch.opcode[row] = Number.isNaN(size) ? UNKNOWN_SIZE : size;
    held.batch.side[row] = write ? 1 : 0;
    held.batch.value[row] = value;
    held.batch.extra[row] = address;
    if (this.awaited.size === 0) this.release();
  }

  /** The capture says how large the BAR at `base` is, if there is a controller. */
  knowSize(base: number, size: number): void {
    this.sizes.set(base, size);
  }

  /** The capture says that a driver mapped `length` bytes from `base` on: registers and doorbells lie within. */
  knowMapping(base: number, length: number): void {
    this.mapped.set(base, length);
    const bar = this.bars.find((known) => known.base === base);
    bar?.knowMapping(length);
  }

  /** The capture says that the BAR at `base` is that of a controller. */
  claim(base: number, evidence: string): void {
    if (!this.given && this.barOf(base) === undefined) this.accept(base, evidence);
  }

  /**
   * Takes an interrupt message of any device and counts it: as an interrupt of the controller whose MSI-X table has it, else as
   * ignored. `key` as in msix-table.ts; `otherKey` is what it is in an older spelling, NaN without one.
   */
  message(key: number, otherKey: number, stamp: AccessStamp): void {
    const { writer } = this;
    if (!this.holding) return this.settleMessage(key, otherKey, stamp, writer);
    const row = writer.add(HELD_MESSAGE, stamp.timeNs);
    writer.batch.thread[row] = stamp.thread;
    writer.batch.place[row] = stamp.place;
    writer.batch.value[row] = key;
    writer.batch.extra[row] = otherKey;
  }

  /** Decides what is undecided and hands on what is held. Call once, after the last record. */
  end(): void {
    for (const candidate of this.candidates.values()) {
      if (candidate.verdict === 'open' && candidate.close() === 'nvme') this.accept(candidate.base, candidate.evidence);
    }
    this.awaited.clear();
    if (this.holding) this.release();
  }

  /** The BARs and why, for the user: "BAR0 0xfebf0000 (16 KiB): VS read as 1.4, ...". */
  get evidence(): string {
    if (this.bars.length > 0) {
      return this.bars.map(({ base, size, evidence }) => `BAR0 0x${base.toString(16)} (${formatBytes(size)}): ${evidence}`).join('; ');
    }
    return this.outside === 0 ? 'no MMIO' : `no NVMe BAR found in ${this.outside} MMIO accesses; --bar names one`;
  }

  private judge(address: number, size: number, value: number, write: boolean): void {
    const offset = address % BAR_ALIGNMENT;
    const base = address - offset;
    let candidate = this.candidates.get(base);
    if (candidate === undefined) {
      if (this.candidates.size >= MAX_CANDIDATES || !Number.isSafeInteger(address)) return;
      candidate = new BarCandidate(base);
      this.candidates.set(base, candidate);
      this.awaited.add(candidate);
    }
    if (candidate.verdict !== 'open') return;
    if (candidate.see(offset, size, value, write) === 'nvme') this.accept(base, candidate.evidence);
    if (!candidate.worthWaiting) this.awaited.delete(candidate);
  }

  private accept(base: number, evidence: string, size = this.sizes.get(base) ?? BAR_ALIGNMENT): void {
    if (this.bars.length >= MAX_CONTROLLERS) return;
    const bar = new BarMap(base, size, this.bars.length, evidence, this.dstrd);
    const mapped = this.mapped.get(base);
    if (mapped !== undefined) bar.knowMapping(mapped);
    this.bars.push(bar);
    const candidate = this.candidates.get(base);
    if (candidate !== undefined) this.awaited.delete(candidate);
  }

  private barOf(address: number): BarMap | undefined {
    for (const bar of this.bars) {
      if (bar.contains(address)) return bar;
    }
    return undefined;
  }

  private settle(address: number, size: number, value: number, write: boolean, stamp: AccessStamp, writer: EventWriter): void {
    const bar = this.barOf(address);
    if (bar !== undefined) {
      bar.access(address, size, value, write, stamp, writer, this.tally);
      return;
    }
    this.outside += 1;
    this.tally.ignore(OUTSIDE_BAR);
  }

  private settleMessage(key: number, otherKey: number, stamp: AccessStamp, writer: EventWriter): void {
    for (const wanted of [key, otherKey]) {
      for (const bar of this.bars) {
        if (bar.message(wanted, stamp, writer, this.tally)) return;
      }
    }
    this.tally.ignore(OTHER_MESSAGE);
  }

  private heldWriter(): EventWriter {
    this.held ??= new EventWriter((batch) => this.handOn(batch), HOLD_ROWS);
    return this.held;
  }

  private release(): void {
    this.heldWriter().flush();
    this.holding = false;
  }

  /** Called with a full batch too: then nobody waits any longer, though a window may still be recognised later. */
  private handOn(batch: EventBatch): void {
    this.awaited.clear();
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kind[row]!;
      if (kind !== HELD_ACCESS && kind !== HELD_MESSAGE) {
        this.target.copy(batch, row);
        continue;
      }
      const stamp = { timeNs: batch.timeNs[row]!, thread: batch.thread[row]!, place: batch.place[row]! };
      if (kind === HELD_MESSAGE) {
        this.settleMessage(batch.value[row]!, batch.extra[row]!, stamp, this.target);
        continue;
      }
      const size = batch.opcode[row] === UNKNOWN_SIZE ? NaN : batch.opcode[row]!;
      this.settle(batch.extra[row]!, size, batch.value[row]!, batch.side[row] === 1, stamp, this.target);
    }
  }
}
