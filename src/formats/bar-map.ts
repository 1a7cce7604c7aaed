// From an access to the BAR0 of one NVMe controller to a normalized event. [NVMe-PCIe-1.0] 3.1, [NVMe-2.0] 3.1.3
//
//   +0000  registers       register.read, register.write; CC and CSTS also tell when the controller starts and stops
//   +1000  doorbells       doorbell.mmio
//   +2000  or later: whatever the controller has there, the MSI-X table most of all, is counted only; what is written there
//          tells which vector a message stands for (msix-table.ts)
//
// Where the doorbells end isn't written anywhere that a trace shows, so it ends at the first of
// - the bound that the caller knows: the length of the driver's mapping, the size of the BAR;
// - the first page from +2000 on that was read, or took a value above 16 bits, or an access that isn't 4 bytes wide:
//   drivers never read doorbells, and the first thing that they do to an MSI-X table is to read its vector controls
//   or to write a message address (FEEx_xxxxh on x86). The MSI-X table has pages of its own, [PCIe] 7.7.2;
// - a page from +2000 on while nobody has rung in the second half of the page before: queues are numbered without
//   gaps, and a capture that begins in the middle of a run may show an MSI-X vector being masked first: a small number,
//   4 bytes wide, as a doorbell's. Where the length of the mapping is known, this isn't asked.

import { DOORBELL_BASE, MAX_DSTRD, doorbellAt } from '../nvme/doorbell.js';
import { REGISTERS, adminCqDepth, adminSqDepth } from '../nvme/registers.js';
import type { EventWriter } from '../trace/batch.js';
import { INTERRUPT_MSIX, KIND, SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { Tally } from '../trace/tally.js';
import { MsixTable } from './msix-table.js';

/** Ignored name of an access to the BAR behind the doorbells. */
export const BEHIND_DOORBELLS = '(NVMe BAR behind the doorbells: MSI-X table and others)';
/** Ignored name of a read of a doorbell register. */
export const DOORBELL_READ = '(read of a doorbell register)';

const PAGE = 0x1000;
const CC_EN = 1;
/** CC.SHN, bits 15:14. */
const CC_SHN = 0xc000;
const CSTS_RDY = 1;
const ALL_ONES = 0xffff_ffff;

/** Where and when an access was recorded. */
export interface AccessStamp {
  /** Since the trace's origin; NaN without a time stamp. */
  readonly timeNs: number;
  /** ABSENT when the record names no thread. */
  readonly thread: number;
  /** Line (from 1) or byte (from 0). */
  readonly place: number;
}

/** One controller's registers and doorbells. Its accesses must come in the order of the capture. */
export class BarMap {
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  /** Index of the controller in its trace. */
  readonly controller: number;
  /** Why this is taken for a controller. */
  readonly evidence: string;
  /** Offset behind the last doorbell, as far as it is known. */
  private doorbellsEnd: number;
  private mappingKnown = false;
  /** The highest offset that was rung. */
  private highestRung = DOORBELL_BASE;
  private readonly fixedDstrd: number | undefined;
  private dstrd: number;
  /** CC.EN; undefined while it isn't known. */
  private enabled: boolean | undefined;
  /** CC.EN was set, and nothing has shown yet that it worked. */
  private starting = false;
  /** What the driver wrote behind the doorbells, read as an MSI-X table. */
  private readonly messages = new MsixTable();
  /** Value of the last AQA write, NaN before one. */
  private aqa = NaN;

  constructor(base: number, size: number, controller: number, evidence: string, dstrd?: number) {
    this.base = base;
    this.size = size;
    this.controller = controller;
    this.evidence = evidence;
    this.doorbellsEnd = size;
    this.fixedDstrd = dstrd;
    this.dstrd = dstrd ?? 0;
  }

  /** The driver has mapped so many bytes, for doorbells up to their end. */
  knowMapping(length: number): void {
    this.doorbellsEnd = Math.min(length, this.size);
    this.mappingKnown = true;
  }

  contains(address: number): boolean {
    return address >= this.base && address < this.base + this.size;
  }

  /** Writes the events of one access, and counts it. `size` and `value` are NaN when the record has none. */
  access(address: number, size: number, value: number, write: boolean, stamp: AccessStamp, writer: EventWriter, tally: Tally): void {
    const offset = address - this.base;
    if (offset < DOORBELL_BASE) {
      this.register(offset, size, value, write, stamp, writer);
      tally.events += 1;
      return;
    }
    if (offset >= 2 * PAGE && offset < this.doorbellsEnd && !looksLikeDoorbell(size, value, write)) {
      this.doorbellsEnd = offset - (offset % PAGE);
    }
    if (offset >= this.doorbellsEnd || !this.isReached(offset)) {
      if (write && size === 4) this.messages.write(offset, value);
      tally.ignore(BEHIND_DOORBELLS);
      return;
    }
    if (!write) {
      tally.ignore(DOORBELL_READ);
      return;
    }
    const doorbell = doorbellAt(offset, this.dstrd);
    if (doorbell === undefined || (!Number.isNaN(size) && size !== 4)) {
      const reason = doorbell === undefined ? `no doorbell there with CAP.DSTRD ${this.dstrd}` : 'a doorbell is 4 bytes wide';
      tally.reject(stamp.place, `write behind the NVMe registers: ${reason}`, `${size} bytes at BAR0 + 0x${offset.toString(16)}`);
      return;
    }
    if (this.starting) this.started(stamp, writer);
    if (offset > this.highestRung) this.highestRung = offset;
    const row = this.add(KIND['doorbell.mmio'], stamp, writer);
    writer.batch.queue[row] = doorbell.qid;
    writer.batch.side[row] = doorbell.side === 'sq' ? SIDE_SQ : SIDE_CQ;
    // The upper half is reserved.
    writer.batch.value[row] = Number.isNaN(value) ? NaN : value & 0xffff;
    tally.events += 1;
  }

  /** Writes the event of a message, and counts it; false when it is none of this controller's. `key`: see msix-table.ts. */
  message(key: number, stamp: AccessStamp, writer: EventWriter, tally: Tally): boolean {
    const vector = this.messages.vectorOf(key);
    if (vector === undefined) return false;
    const row = this.add(KIND.interrupt, stamp, writer);
    writer.batch.value[row] = vector;
    writer.batch.extra[row] = INTERRUPT_MSIX;
    tally.events += 1;
    return true;
  }

  /** Whether so many queues are in use that a doorbell may lie at the offset. */
  private isReached(offset: number): boolean {
    const page = offset - (offset % PAGE);
    return page <= DOORBELL_BASE || this.mappingKnown || this.highestRung >= page - PAGE / 2;
  }

  private register(offset: number, size: number, value: number, write: boolean, stamp: AccessStamp, writer: EventWriter): void {
    const row = this.add(write ? KIND['register.write'] : KIND['register.read'], stamp, writer);
    writer.batch.extra[row] = offset;
    // A 64-bit value may be more than a column holds.
    if (write && Number.isSafeInteger(value)) writer.batch.value[row] = value;
    if (Number.isNaN(value)) return;
    if (write && offset === REGISTERS.AQA) this.aqa = value;
    else if (write && offset === REGISTERS.CC) this.configure(value, stamp, writer);
    else if (!write && value !== ALL_ONES) this.learn(offset, size, value, stamp, writer);
  }

  private learn(offset: number, size: number, value: number, stamp: AccessStamp, writer: EventWriter): void {
    // CAP.DSTRD, bits 35:32. A 64-bit value may have lost its lowest bits; those stay exact.
    if (offset === REGISTERS.CAP_HI) this.setDstrd(value & MAX_DSTRD);
    else if (offset === REGISTERS.CAP && size === 8) this.setDstrd(Math.floor(value / 2 ** 32) & MAX_DSTRD);
    else if (offset === REGISTERS.CSTS && (value & CSTS_RDY) !== 0) {
      if (this.starting) this.started(stamp, writer);
      this.enabled ??= true;
    }
  }

  private setDstrd(dstrd: number): void {
    this.dstrd = this.fixedDstrd ?? dstrd;
  }

  private configure(cc: number, stamp: AccessStamp, writer: EventWriter): void {
    const enable = (cc & CC_EN) !== 0;
    if ((cc & CC_SHN) !== 0) this.add(KIND['controller.shutdown'], stamp, writer);
    if (!enable && this.enabled === true) this.add(KIND['controller.reset'], stamp, writer);
    if (!enable) this.starting = false;
    // A shutdown keeps EN set: it starts nothing.
    else if (this.enabled !== true && (cc & CC_SHN) === 0) this.starting = true;
    this.enabled = enable;
  }

  /** CSTS.RDY was read as 1, or the driver rings a doorbell: the start has succeeded. */
  private started(stamp: AccessStamp, writer: EventWriter): void {
    this.starting = false;
    const row = this.add(KIND['controller.enable'], stamp, writer);
    if (Number.isNaN(this.aqa)) return;
    writer.batch.value[row] = adminSqDepth(this.aqa);
    writer.batch.extra[row] = adminCqDepth(this.aqa);
  }

  private add(kind: number, stamp: AccessStamp, writer: EventWriter): number {
    const row = writer.add(kind, stamp.timeNs);
    writer.batch.thread[row] = stamp.thread;
    writer.batch.place[row] = stamp.place;
    writer.batch.controller[row] = this.controller;
    return row;
  }
}

function looksLikeDoorbell(size: number, value: number, write: boolean): boolean {
  return write && (Number.isNaN(size) || size === 4) && (Number.isNaN(value) || value <= 0xffff);
}
