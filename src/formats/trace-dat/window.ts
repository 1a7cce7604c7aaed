// The bytes of a CPU's data that are in memory: some pages of the file, or one chunk of compressed ones.
//
// Memory: WINDOW_BUDGET_BYTES for the windows of all CPUs together, or a single window if that is larger, plus a stored
// chunk while it is decompressed. Windows that were used longest ago are dropped, and read again when they are needed.

import { formatBytes } from '../../base/units.js';
import type { Content } from '../format.js';
import type { Decompressor } from './compression.js';
import { TableCursor } from './cursor.js';
import { Damage } from './damage.js';

export const WINDOW_BUDGET_BYTES = 48 * 1024 * 1024;
/** trace-cmd writes chunks of ten pages. */
export const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const PLAIN_WINDOW_BYTES = 64 * 1024;
/** Before each chunk: its stored size and its plain size, four bytes each. */
const CHUNK_HEADER_BYTES = 8;

/** Shares the memory among the windows of a file. */
export class WindowBudget {
  private bytes = 0;
  private readonly limit: number;
  /** In the order in which they were loaded. */
  private readonly loaded = new Map<PageWindow, number>();

  constructor(limit = WINDOW_BUDGET_BYTES) {
    this.limit = limit;
  }

  /** Makes room for `bytes` bytes of `window`, at the cost of others. */
  claim(window: PageWindow, bytes: number): void {
    this.release(window);
    for (const other of this.loaded.keys()) {
      if (this.bytes + bytes <= this.limit) break;
      other.drop();
    }
    this.loaded.set(window, bytes);
    this.bytes += bytes;
  }

  release(window: PageWindow): void {
    this.bytes -= this.loaded.get(window) ?? 0;
    this.loaded.delete(window);
  }
}

export interface WindowOptions {
  readonly content: Content;
  readonly budget: WindowBudget;
  readonly little: boolean;
  /** Undefined when the data aren't compressed. */
  readonly decompressor: Decompressor | undefined;
  readonly pageBytes: number;
  /** The CPU's data in the file. */
  readonly at: number;
  readonly end: number;
  /** The file ends at `end`, before the data do: that is known, and no damage of its own. */
  readonly cut: boolean;
}

/** A window that moves over the data of one CPU from front to back. Throws Damage where the file breaks off. */
export class PageWindow {
  /** The bytes at hand; empty before the first `next` and while dropped. */
  view = new DataView(new ArrayBuffer(0));
  /** Bytes in the window, also while it is dropped. */
  length = 0;
  /** Whether the bytes must be loaded again before they are looked at. */
  dropped = false;
  private readonly o: WindowOptions;
  /** Where the window's bytes stand in the file, as stored. */
  private storedAt: number;
  private storedBytes = 0;
  private chunksLeft = -1;
  private memory = Buffer.alloc(0);

  constructor(options: WindowOptions) {
    this.o = options;
    this.storedAt = options.at;
  }

  /** The byte of the file that byte `at` of the window is from: in compressed data, where its chunk begins. */
  place(at: number): number {
    return this.o.decompressor === undefined ? this.storedAt + at : this.storedAt;
  }

  /** Moves on to the next bytes; false at the end. After a Damage it can be called again: that moves on behind it. */
  next(): boolean {
    this.storedAt += this.storedBytes;
    this.storedBytes = 0;
    this.length = 0;
    return this.o.decompressor === undefined ? this.nextPages() : this.nextChunk(this.o.decompressor);
  }

  /** Loads the bytes of a window that was dropped. */
  reload(): void {
    if (this.o.decompressor === undefined) this.loadPages();
    else this.loadChunk(this.o.decompressor);
  }

  /** Gives the memory back. */
  drop(): void {
    this.o.budget.release(this);
    this.memory = Buffer.alloc(0);
    this.view = new DataView(new ArrayBuffer(0));
    this.dropped = true;
  }

  private nextPages(): boolean {
    const { pageBytes, end } = this.o;
    const whole = Math.max(1, Math.floor(PLAIN_WINDOW_BYTES / pageBytes)) * pageBytes;
    this.storedBytes = Math.min(whole, end - this.storedAt);
    this.length = this.storedBytes;
    if (this.length <= 0) return false;
    this.loadPages();
    return true;
  }

  private loadPages(): void {
    const target = this.room(this.length);
    const read = this.o.content.read(this.storedAt, target);
    if (read < this.length) throw new Damage(this.storedAt + read, `the file ends, ${this.length - read} bytes too early`);
  }

  private nextChunk(decompressor: Decompressor): boolean {
    const { content, little, end, cut } = this.o;
    if (cut && end - this.storedAt < CHUNK_HEADER_BYTES) return false;
    if (this.chunksLeft === -1) {
      this.chunksLeft = 0;
      const count = new TableCursor(content, little, this.storedAt, end);
      this.chunksLeft = count.u32('the number of chunks of a CPU');
      this.storedAt = count.at;
    }
    if (this.chunksLeft === 0) return false;
    // Where a header is wrong, nobody knows where the next chunk begins.
    const others = this.chunksLeft - 1;
    this.chunksLeft = 0;
    const header = new TableCursor(content, little, this.storedAt, end);
    if (cut && header.left < CHUNK_HEADER_BYTES) return false;
    const stored = header.u32('the stored size of a chunk');
    const plain = header.u32('the plain size of a chunk');
    if (cut && stored > header.left) return false;
    if (stored > header.left) throw header.damage(`a chunk has ${stored} bytes, and its CPU's data have ${header.left} more`);
    if (Math.max(stored, plain) > MAX_CHUNK_BYTES) {
      throw header.damage(`a chunk has ${formatBytes(Math.max(stored, plain))}, more than ${formatBytes(MAX_CHUNK_BYTES)}`);
    }
    this.chunksLeft = others;
    this.storedBytes = CHUNK_HEADER_BYTES + stored;
    this.length = plain;
    this.loadChunk(decompressor);
    return true;
  }

  private loadChunk(decompressor: Decompressor): void {
    const stored = Buffer.allocUnsafe(this.storedBytes - CHUNK_HEADER_BYTES);
    this.o.content.read(this.storedAt + CHUNK_HEADER_BYTES, stored);
    const fault = decompressor.fill(this.room(this.length), stored);
    if (fault !== undefined) throw new Damage(this.storedAt, fault);
  }

  /** Memory for `bytes` bytes, which `view` then shows; that of the window before if it is as large. */
  private room(bytes: number): Buffer {
    if (bytes > this.memory.length || this.dropped) {
      this.o.budget.claim(this, bytes);
      this.memory = Buffer.allocUnsafeSlow(bytes);
    }
    this.dropped = false;
    const target = this.memory.subarray(0, bytes);
    this.view = new DataView(target.buffer, target.byteOffset, bytes);
    return target;
  }
}
