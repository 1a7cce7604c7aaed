// Cuts chunks of bytes into lines: no string per line, one carried buffer for a line that spans chunks.
// Memory: the carried buffer, at most MAX_LINE_BYTES; a longer line is reported once and skipped to its newline.

import { CR, LF } from '../base/bytes.js';
import { HEAD_BYTES } from './format.js';

/** The longest line that is delivered, in bytes before its LF. QEMU's trace lines stay below 300. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** How much of an over-long line its report shows. */
export const OVERLONG_HEAD_BYTES = 256;

/** Receives the lines of a source in order; numbers count from 1. Bytes are valid only during the call. */
export interface LineSink {
  /** Bytes [start, end) are a line without LF and without the CR before it. Only the last line can be unterminated. */
  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void;
  /** A line longer than the bound, once per line; bytes [start, end) are its first OVERLONG_HEAD_BYTES. */
  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void;
}

/** Feeds a sink with lines; the same lines however the bytes are cut into chunks. */
export class LineScanner {
  private readonly sink: LineSink;
  private readonly maxBytes: number;
  /** The beginning of a line whose LF hasn't come yet. */
  private carry = Buffer.alloc(4096);
  private carried = 0;
  /** Inside a line that was reported as over-long. */
  private skipping = false;
  private lines = 0;

  constructor(sink: LineSink, maxBytes = MAX_LINE_BYTES) {
    this.sink = sink;
    this.maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): void {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.carried > 0 || this.skipping) {
      const newline = buffer.indexOf(LF);
      this.keep(buffer, 0, newline === -1 ? buffer.length : newline);
      if (newline === -1) return;
      this.finishCarried(true);
      start = newline + 1;
    }
    for (;;) {
      const newline = buffer.indexOf(LF, start);
      if (newline === -1) break;
      this.deliver(buffer, start, newline, true);
      start = newline + 1;
    }
    if (start < buffer.length) this.keep(buffer, start, buffer.length);
  }

  /** Delivers a last line that has no LF. */
  end(): void {
    if (this.carried > 0 || this.skipping) this.finishCarried(false);
  }

  /** Adds a piece without LF to the carried line. */
  private keep(buffer: Buffer, start: number, end: number): void {
    if (this.skipping) return;
    const wanted = this.carried + end - start;
    if (wanted > this.maxBytes) {
      const missing = Math.max(0, OVERLONG_HEAD_BYTES - this.carried);
      this.append(buffer, start, Math.min(end, start + missing));
      this.lines += 1;
      this.skipping = true;
      this.sink.overlong(this.carry, 0, Math.min(this.carried, OVERLONG_HEAD_BYTES), this.lines);
      this.carried = 0;
      return;
    }
    this.append(buffer, start, end);
  }

  private append(buffer: Buffer, start: number, end: number): void {
    const length = this.carried + end - start;
    if (length > this.carry.length) {
      const grown = Buffer.alloc(Math.max(length, Math.min(2 * this.carry.length, this.maxBytes)));
      this.carry.copy(grown, 0, 0, this.carried);
      this.carry = grown;
    }
    buffer.copy(this.carry, this.carried, start, end);
    this.carried = length;
  }

  private finishCarried(terminated: boolean): void {
    if (this.skipping) {
      this.skipping = false;
      return;
    }
    const length = this.carried;
    this.carried = 0;
    this.deliver(this.carry, 0, length, terminated);
  }

  private deliver(buffer: Buffer, start: number, end: number, terminated: boolean): void {
    this.lines += 1;
    if (end - start > this.maxBytes) {
      this.sink.overlong(buffer, start, Math.min(end, start + OVERLONG_HEAD_BYTES), this.lines);
      return;
    }
    const last = end > start && buffer[end - 1] === CR ? end - 1 : end;
    this.sink.line(buffer, start, last, this.lines, terminated);
  }
}

/** Shows the lines of a source's head to a sink. The head may end inside a line, which is then left out. */
export function scanHead(head: Uint8Array, sink: LineSink): void {
  const scanner = new LineScanner(sink);
  scanner.push(head);
  // A full head says nothing about where its last line ends.
  if (head.length < HEAD_BYTES) scanner.end();
}
