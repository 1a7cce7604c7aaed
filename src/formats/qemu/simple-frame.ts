// Cuts a file of the `simple` backend into records. [QEMU-10.0 trace/simple.c, scripts/simpletrace.py]
//
//   header       ffffffffffffffff, magic, version                           each u64
//   version 4    type 0 (u64), event id (u64), length (u32), name           a name for an event id
//                type 1 (u64), then a record
//   versions     record alone, the event id is a position in the build's list of events
//   2 and 3
//   record       event id (u64), ns (u64), length (u32), pid (u32), arguments; the length is that of all of it
//
// Lengths are checked before anything is kept. Where none of this stands, the reader steps over bytes until a record
// of a known event and of the same process, or a well-formed name, begins. Memory: one record, at most MAX_RECORD_BYTES.

import { ALL_ONES, HEADER_BYTES, notSimple, readHeader } from './simple-header.js';
import type { SimpleHeader } from './simple-header.js';

/** An event has at most 10 arguments, and QEMU cuts strings at 512 bytes: 24 + 10 * 516. */
export const MAX_RECORD_BYTES = 8192;
/** QEMU's longest event name has 60 characters or so. */
const MAX_NAME_BYTES = 256;
/** Event id, time, length, pid. */
export const RECORD_HEAD_BYTES = 24;
const TYPE_BYTES = 8;
const MAPPING_HEAD_BYTES = 20;
/** Of what is no record, this much is shown; a piece of it may be all that has been read yet. */
const DAMAGE_SHOWN_BYTES = 8;

const TYPE_MAPPING = 0;
const TYPE_EVENT = 1;

/** Receives what a file consists of, in its order. Places are bytes from the beginning; views are valid only during the call. */
export interface FrameSink {
  /** Throws when the version can't be read. */
  header(header: SimpleHeader): void;
  /** A name for an event id, which may be any number. */
  mapping(id: number, name: string, place: number): void;
  /** A record: bytes [head, end), the event id first. */
  record(view: DataView, head: number, end: number, place: number): void;
  /** No record stands at `place`, up to the next call; or one that the file's end cuts off. `start` is a piece of it. */
  damaged(place: number, start: Uint8Array, truncated: boolean): void;
  /** Whether records of this event can be expected. */
  knows(id: number): boolean;
}

/** Feeds a sink with records, the same however the bytes are cut into chunks. */
export class FrameReader {
  private readonly sink: FrameSink;
  private readonly carry = Buffer.alloc(MAX_RECORD_BYTES + TYPE_BYTES);
  private readonly carryView = new DataView(this.carry.buffer, this.carry.byteOffset, this.carry.length);
  private carried = 0;
  /** Bytes that `step` wants to see from the position it was called with. */
  private wanted = HEADER_BYTES;
  /** Bytes that were stepped over so far. */
  private place = 0;
  private header: SimpleHeader | undefined;
  /** Process of the last record; NaN before one. */
  private pid = NaN;
  /** Where the damage began that is being stepped over; NaN outside of one. */
  private damagedFrom = NaN;
  private damagedStart: Uint8Array = new Uint8Array(0);

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.carried > 0 && at < chunk.length) {
      const taken = Math.min(this.wanted - this.carried, chunk.length - at);
      this.carry.set(chunk.subarray(at, at + taken), this.carried);
      this.carried += taken;
      at += taken;
      if (this.carried < this.wanted) return;
      const used = this.steps(this.carryView, 0, this.carried);
      this.carry.copyWithin(0, used, this.carried);
      this.carried -= used;
      // What is left may stand in the chunk as a whole: then it needs no copy.
      if (this.carried > at) continue;
      at -= this.carried;
      this.carried = 0;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    at = this.steps(view, at, chunk.length);
    this.carry.set(chunk.subarray(at), this.carried);
    this.carried += chunk.length - at;
  }

  /** Call once, after the last chunk. */
  end(): void {
    if (this.header === undefined) throw notSimple();
    if (!Number.isNaN(this.damagedFrom)) {
      this.endDamage();
    } else if (this.carried > 0) {
      this.sink.damaged(this.place, this.carry.subarray(0, Math.min(this.carried, DAMAGE_SHOWN_BYTES)), true);
    }
  }

  /** Steps over as much as is whole, and returns the position behind it; then `wanted` exceeds what is left. */
  private steps(view: DataView, at: number, end: number): number {
    while (at < end) {
      const used = Number.isNaN(this.damagedFrom) ? this.step(view, at, end) : this.seek(view, at, end);
      if (used === 0) break;
      at += used;
      this.place += used;
    }
    return at;
  }

  private more(bytes: number): 0 {
    this.wanted = bytes;
    return 0;
  }

  /** Bytes that the record at `at` takes; 0 when more bytes are needed. */
  private step(view: DataView, at: number, end: number): number {
    if (this.header === undefined) return this.firstHeader(view, at, end);
    const { version } = this.header;
    if (version !== 4) return this.recordAt(view, at, 0, end);
    if (end - at < TYPE_BYTES) return this.more(TYPE_BYTES);
    const type = this.typeAt(view, at);
    if (type === TYPE_EVENT) return this.recordAt(view, at, TYPE_BYTES, end);
    if (type === TYPE_MAPPING) {
      if (end - at < MAPPING_HEAD_BYTES) return this.more(MAPPING_HEAD_BYTES);
      const nameBytes = this.mappingAt(view, at, end);
      if (nameBytes < 0) return this.damage(view, at, end);
      if (end - at < MAPPING_HEAD_BYTES + nameBytes) return this.more(MAPPING_HEAD_BYTES + nameBytes);
      const id = this.u64(view, at + 8);
      this.sink.mapping(id, nameAt(view, at + MAPPING_HEAD_BYTES, nameBytes), this.place);
      return MAPPING_HEAD_BYTES + nameBytes;
    }
    if (view.getUint32(at) === ALL_ONES && view.getUint32(at + 4) === ALL_ONES) {
      // Traces that were put one behind the other.
      if (end - at < HEADER_BYTES) return this.more(HEADER_BYTES);
      if (readHeader(view, at)?.version === version) return this.firstHeader(view, at, end);
    }
    return this.damage(view, at, end);
  }

  private firstHeader(view: DataView, at: number, end: number): number {
    if (end - at < HEADER_BYTES) return this.more(HEADER_BYTES);
    this.header = readHeader(view, at);
    if (this.header === undefined) throw notSimple();
    this.pid = NaN;
    this.sink.header(this.header);
    return HEADER_BYTES;
  }

  private recordAt(view: DataView, at: number, typeBytes: number, end: number): number {
    const head = at + typeBytes;
    if (end - head < RECORD_HEAD_BYTES) return this.more(typeBytes + RECORD_HEAD_BYTES);
    const { littleEndian } = this.header!;
    const length = view.getUint32(head + 16, littleEndian);
    if (length < RECORD_HEAD_BYTES || length > MAX_RECORD_BYTES) return this.damage(view, at, end);
    if (end - head < length) return this.more(typeBytes + length);
    this.pid = view.getUint32(head + 20, littleEndian);
    this.sink.record(view, head, head + length, this.place);
    return typeBytes + length;
  }

  /** Length of the name in the mapping at `at`; -1 when no mapping stands there. The name may end behind `end`. */
  private mappingAt(view: DataView, at: number, end: number): number {
    const nameBytes = view.getUint32(at + 16, this.header!.littleEndian);
    if (nameBytes === 0 || nameBytes > MAX_NAME_BYTES) return -1;
    const nameEnd = Math.min(end, at + MAPPING_HEAD_BYTES + nameBytes);
    for (let i = at + MAPPING_HEAD_BYTES; i < nameEnd; i++) {
      if (!isIdentifierByte(view.getUint8(i))) return -1;
    }
    return nameBytes;
  }

  private damage(view: DataView, at: number, end: number): number {
    this.damagedFrom = this.place;
    const shown = Math.min(end - at, DAMAGE_SHOWN_BYTES);
    this.damagedStart = Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + at, shown));
    return 1;
  }

  private endDamage(): void {
    this.sink.damaged(this.damagedFrom, this.damagedStart, false);
    this.damagedFrom = NaN;
  }

  /** Inside of damage: bytes to step over, up to the next credible record; 0 when more bytes are needed. */
  private seek(view: DataView, at: number, end: number): number {
    const typeBytes = this.header!.version === 4 ? TYPE_BYTES : 0;
    const needed = typeBytes + RECORD_HEAD_BYTES;
    let here = at;
    for (; end - here >= needed; here++) {
      // Whatever the byte order, this byte of a type is 0.
      if (typeBytes > 0 && view.getUint8(here + 3) !== 0) continue;
      const type = typeBytes > 0 ? this.typeAt(view, here) : TYPE_EVENT;
      const nameBytes = type === TYPE_MAPPING ? this.mappingAt(view, here, end) : -1;
      if (nameBytes > 1 && end - here < MAPPING_HEAD_BYTES + nameBytes) return here > at ? here - at : this.more(MAPPING_HEAD_BYTES + nameBytes);
      if (nameBytes > 1 || (type === TYPE_EVENT && this.credibleRecord(view, here + typeBytes))) {
        this.endDamage();
        return here > at ? here - at : this.step(view, at, end);
      }
    }
    return here > at ? here - at : this.more(needed);
  }

  /** The type of a version 4 record; NaN when it is above 32 bits. */
  private typeAt(view: DataView, at: number): number {
    const { littleEndian } = this.header!;
    if (view.getUint32(littleEndian ? at + 4 : at, littleEndian) !== 0) return NaN;
    return view.getUint32(littleEndian ? at : at + 4, littleEndian);
  }

  private credibleRecord(view: DataView, head: number): boolean {
    const { littleEndian } = this.header!;
    const length = view.getUint32(head + 16, littleEndian);
    if (length < RECORD_HEAD_BYTES || length > MAX_RECORD_BYTES) return false;
    const pid = view.getUint32(head + 20, littleEndian);
    return (Number.isNaN(this.pid) || pid === this.pid) && this.sink.knows(this.u64(view, head));
  }

  private u64(view: DataView, at: number): number {
    return Number(view.getBigUint64(at, this.header!.littleEndian));
  }
}

function isIdentifierByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
}

function nameAt(view: DataView, at: number, bytes: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, bytes).toString('latin1');
}
