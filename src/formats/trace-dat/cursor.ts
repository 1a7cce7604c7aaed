// Reading numbers and strings of a trace.dat's tables, each checked against the bytes that are there.
// Memory: a window of 64 KiB, or the largest piece that was asked for, at most MAX_PIECE_BYTES.

import { latin1 } from '../../base/bytes.js';
import type { Content } from '../format.js';
import { Damage } from './damage.js';

/** The longest text that is read as a whole: event formats and options have some 100 kB at most. */
export const MAX_PIECE_BYTES = 1024 * 1024;
const WINDOW_BYTES = 64 * 1024;
const NUL = Buffer.of(0);

/** Bytes in memory as content: a section that was decompressed. */
export class MemoryContent implements Content {
  readonly bytes: number;
  private readonly memory: Uint8Array;

  constructor(memory: Uint8Array) {
    this.memory = memory;
    this.bytes = memory.length;
  }

  read(at: number, target: Uint8Array): number {
    const piece = this.memory.subarray(at, at + target.length);
    target.set(piece);
    return piece.length;
  }
}

/** A reading position within bytes [at, end) of a content. Throws Damage where the bytes don't suffice. */
export class TableCursor {
  readonly content: Content;
  readonly little: boolean;
  at: number;
  readonly end: number;
  /** Byte of the file that a damage is reported at; undefined: the position itself. */
  readonly place: number | undefined;
  private window = Buffer.alloc(0);
  private windowAt = 0;

  constructor(content: Content, little: boolean, at: number, end = content.bytes, place?: number) {
    this.content = content;
    this.little = little;
    this.at = at;
    this.end = Math.min(end, content.bytes);
    this.place = place;
  }

  /** Bytes that are left. */
  get left(): number {
    return Math.max(0, this.end - this.at);
  }

  u8(what: string): number {
    return this.take(1, what)[0]!;
  }

  u16(what: string): number {
    const bytes = this.take(2, what);
    return this.little ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0);
  }

  u32(what: string): number {
    const bytes = this.take(4, what);
    return this.little ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
  }

  /** Sizes and places: beyond 2^53 - 1 they can't be meant. */
  u64(what: string): number {
    const value = this.big(what);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.damage(`${what} is ${value}, which no file has`);
    return Number(value);
  }

  big(what: string): bigint {
    const bytes = this.take(8, what);
    return this.little ? bytes.readBigUInt64LE(0) : bytes.readBigUInt64BE(0);
  }

  /** A size and that many bytes of text. */
  sizedText(what: string): string {
    return this.text(this.u64(`the size of ${what}`), what);
  }

  text(bytes: number, what: string): string {
    if (bytes > MAX_PIECE_BYTES) throw this.damage(`${what} has ${bytes} bytes, more than ${MAX_PIECE_BYTES}`);
    const piece = this.take(bytes, what);
    return latin1(piece, 0, piece.length);
  }

  /** Text up to a NUL, which is stepped over. */
  string(what: string, maxBytes = 4096): string {
    const piece = this.peek(Math.min(this.left, maxBytes));
    const end = piece.indexOf(NUL);
    if (end === -1) throw this.damage(`${what} doesn't end within ${piece.length} bytes`);
    this.at += end + 1;
    return latin1(piece, 0, end);
  }

  /** The next `bytes` bytes; valid until the next call. */
  take(bytes: number, what: string): Buffer {
    if (bytes > this.left) throw this.damage(`${what} needs ${bytes} bytes, and ${this.left} are left`);
    const piece = this.peek(bytes);
    this.at += bytes;
    return piece;
  }

  skip(bytes: number, what: string): void {
    if (bytes > this.left) throw this.damage(`${what} has ${bytes} bytes, and ${this.left} are left`);
    this.at += bytes;
  }

  damage(reason: string): Damage {
    return new Damage(this.place ?? this.at, reason);
  }

  private peek(bytes: number): Buffer {
    const offset = this.at - this.windowAt;
    if (offset >= 0 && offset + bytes <= this.window.length) return this.window.subarray(offset, offset + bytes);
    const window = Buffer.allocUnsafe(Math.min(this.left, Math.max(bytes, WINDOW_BYTES)));
    const read = this.content.read(this.at, window);
    this.window = window.subarray(0, read);
    this.windowAt = this.at;
    if (read < bytes) throw this.damage(`${bytes} bytes were expected, and ${read} can be read`);
    return this.window.subarray(0, bytes);
  }
}
