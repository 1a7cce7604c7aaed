// The records of one CPU in one buffer, in their order: pages of the kernel's ring buffer.
// [LINUX include/linux/ring_buffer.h, kernel/trace/ring_buffer.c] [trace-cmd lib/traceevent/kbuffer-parse.c]
//
//   page    time stamp(8) commit(4 or 8) data; commit: bits 26:0 size of the data, 31 records were lost before this page,
//           30 their number stands behind the data
//   record  one word: type 5 bits, delta 27 bits (little-endian: type in the low bits; big-endian: in the high ones)
//           1-28 data of type * 4 bytes | 0 data, size in the next word | 29 padding or discarded | 30 time extension |
//           31 absolute time, 59 bits

import { ABSENT } from '../../trace/batch.js';
import { Damage } from './damage.js';
import type { DamageSink } from './damage.js';
import { COMMIT_AT } from './page-layout.js';
import type { PageLayout } from './page-layout.js';
import type { TimeShift } from './time-shift.js';
import type { PageWindow } from './window.js';

const SIZE_MASK = 0x7ff_ffff;
const LOST_BIT = 0x8000_0000;
const LOST_STORED_BIT = 0x4000_0000;
const DELTA_BITS = 27;
const DELTA_SPAN = 2 ** DELTA_BITS;
const TYPE_PADDING = 29;
const TYPE_TIME_EXTEND = 30;
const TYPE_TIME_STAMP = 31;
/** An absolute stamp has 59 bits; the upper five are those of the time before it. */
const STAMP_BITS = 59n;
const TWO_32 = 2 ** 32;

/** The trace's zero, in the units of its clock: stamps are 64 bits, and what counts is their distance. */
export interface TimeBase {
  high: number;
  low: number;
}

export interface StreamOptions {
  readonly window: PageWindow;
  readonly layout: PageLayout;
  readonly pageBytes: number;
  readonly little: boolean;
  readonly base: TimeBase;
  readonly shift: TimeShift | undefined;
  /** The file ends before the data do: a last page that isn't whole is no damage of its own. */
  readonly cut: boolean;
  readonly damaged: DamageSink;
}

/** A CPU's records, one after the other. The fields describe the record that `next` came to. */
export class CpuStream {
  readonly window: PageWindow;
  /** Units of the clock since the base, or since the shifted base. */
  time = 0;
  /** Units of the CPU's own clock since the base. */
  private ownTime = 0;
  /** Position of the record's data in the window, and their size. */
  dataAt = 0;
  dataBytes = 0;
  /** Records lost before this one: 0 for none, ABSENT for an unknown number. Whoever reads it sets it back to 0. */
  lost = 0;
  private readonly o: StreamOptions;
  private readonly little: boolean;
  private pageAt = 0;
  private at = 0;
  private end = 0;
  private opened = false;
  /** In a page that the end of the file cuts off. */
  private inCutPage = false;

  constructor(options: StreamOptions) {
    this.o = options;
    this.window = options.window;
    this.little = options.little;
  }

  /** The time stamp of the first page; undefined when there is none. Call once, before `next`. */
  open(): TimeBase | undefined {
    if (!this.move() || this.window.length < this.o.layout.dataAt) return undefined;
    this.opened = true;
    const [high, low] = this.words(0);
    return { high, low };
  }

  /** The byte of the file that the record is from. */
  get place(): number {
    return this.window.place(this.dataAt);
  }

  /** Whether the bytes of the record are in memory, or can be had again. */
  ready(): boolean {
    return !this.window.dropped || this.guarded(() => this.window.reload());
  }

  /** Moves to the next record; false when there is none. */
  next(): boolean {
    if (!this.ready()) return false;
    const { little } = this;
    for (;;) {
      const { at, end } = this;
      if (at >= end) {
        if (!this.nextPage()) return false;
        continue;
      }
      if (at + 4 > end) {
        this.breakPage('a page ends inside a record');
        continue;
      }
      const { view } = this.window;
      const word = view.getUint32(at, little);
      const type = little ? word & 31 : word >>> DELTA_BITS;
      const delta = little ? word >>> 5 : word & SIZE_MASK;
      if (type !== 0 && type < TYPE_PADDING) {
        const bytes = type * 4;
        if (at + 4 + bytes > end) {
          this.breakPage('a record is longer than its page');
          continue;
        }
        this.ownTime += delta;
        this.dataAt = at + 4;
        this.dataBytes = bytes;
        this.at = at + 4 + bytes;
        this.setTime();
        return true;
      }
      if (type === TYPE_PADDING && delta === 0) {
        this.at = end;
        continue;
      }
      if (at + 8 > end) {
        this.breakPage('a page ends inside a record');
        continue;
      }
      const second = view.getUint32(at + 4, little);
      if (type === TYPE_TIME_EXTEND) {
        this.ownTime += delta + second * DELTA_SPAN;
        this.at = at + 8;
      } else if (type === TYPE_TIME_STAMP) {
        this.ownTime = this.absolute(delta, second);
        this.at = at + 8;
      } else {
        // Data of `second` bytes, these four included; or, as padding, a record that was taken back.
        const next = at + 4 + Math.ceil(second / 4) * 4;
        if (second < 4 || next > end) {
          this.breakPage('a record is longer than its page');
          continue;
        }
        this.ownTime += delta;
        this.at = next;
        if (type === TYPE_PADDING) continue;
        this.dataAt = at + 8;
        this.dataBytes = second - 4;
        this.setTime();
        return true;
      }
    }
  }

  private setTime(): void {
    const { shift } = this.o;
    this.time = shift === undefined ? this.ownTime : shift.of(this.ownTime);
  }

  /** Goes to the next page with records; false at the end of the data. */
  private nextPage(): boolean {
    for (;;) {
      if (this.opened) this.opened = false;
      else if (!this.advance()) return false;
      const { window, pageAt } = this;
      const { dataAt, commitBytes } = this.o.layout;
      const room = Math.min(this.o.pageBytes, window.length - pageAt) - dataAt;
      this.inCutPage = this.o.cut && pageAt + this.o.pageBytes > window.length;
      if (room < 0) {
        this.breakPage('the data end inside the head of a page');
        continue;
      }
      const commit = window.view.getUint32(pageAt + COMMIT_AT + (this.little ? 0 : commitBytes - 4), this.little);
      const stated = commit & SIZE_MASK;
      const size = this.inCutPage ? Math.min(stated, room) : stated;
      const [high, low] = this.words(pageAt);
      if (size > room) {
        this.breakPage(`a page has ${size} bytes of data, and room for ${room}`);
        continue;
      }
      if (size === 0 && high === 0 && low === 0) {
        this.breakPage('a page is empty, without a time stamp');
        continue;
      }
      this.ownTime = (high - this.o.base.high) * TWO_32 + (low - this.o.base.low);
      this.at = pageAt + dataAt;
      this.end = this.at + size;
      if ((commit & LOST_BIT) !== 0) this.countLost((commit & LOST_STORED_BIT) !== 0 && size + commitBytes <= room);
      return true;
    }
  }

  private countLost(stored: boolean): void {
    const amount = stored ? this.long(this.end) : NaN;
    if (Number.isSafeInteger(amount) && amount > 0 && this.lost !== ABSENT) this.lost += amount;
    else this.lost = ABSENT;
  }

  /** To the next page in the window, or to the next window. */
  private advance(): boolean {
    this.pageAt += this.o.pageBytes;
    return this.pageAt < this.window.length || this.move();
  }

  private move(): boolean {
    this.pageAt = 0;
    this.at = 0;
    this.end = 0;
    let moved = true;
    const next = (): void => {
      do moved = this.window.next();
      while (moved && this.window.length === 0);
    };
    while (!this.guarded(next));
    return moved;
  }

  /** Gives the rest of the page up. */
  private breakPage(reason: string): void {
    if (!this.inCutPage) this.o.damaged(this.window.place(this.at < this.end ? this.at : this.pageAt), reason);
    this.at = this.end;
  }

  private absolute(delta: number, second: number): number {
    const base = (BigInt(this.o.base.high) << 32n) + BigInt(this.o.base.low);
    const now = base + BigInt(Number.isFinite(this.ownTime) ? this.ownTime : 0);
    const upper = (now >> STAMP_BITS) << STAMP_BITS;
    let stamp = upper + (BigInt(second) << BigInt(DELTA_BITS)) + BigInt(delta);
    // The 59 bits ran over since the last stamp.
    if (now - stamp > 1n << (STAMP_BITS - 1n)) stamp += 1n << STAMP_BITS;
    return Number(stamp - base);
  }

  /** Both halves of the 64-bit number at `at`. */
  private words(at: number): readonly [high: number, low: number] {
    const { view } = this.window;
    const first = view.getUint32(at, this.little);
    const second = view.getUint32(at + 4, this.little);
    return this.little ? [second, first] : [first, second];
  }

  /** The kernel's long at `at`. */
  private long(at: number): number {
    if (this.o.layout.commitBytes === 4) return this.window.view.getUint32(at, this.little);
    const [high, low] = this.words(at);
    return high * TWO_32 + low;
  }

  /** Runs `read`; false, with the damage told, where the file breaks off. */
  private guarded(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      this.o.damaged(error.place, error.message);
      return false;
    }
  }
}
