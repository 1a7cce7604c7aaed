// From the ring buffers' records to normalized events: tells events apart by their number, and hands their fields on.

import { indexOfLiteral } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';
import { KernelNormalizer, findKernelEvent } from '../linux/normalize.js';
import type { KernelEvent } from '../linux/normalize.js';
import type { Stamp } from '../stamp.js';
import type { EventField } from './event-format.js';
import { RecordFields } from './record-fields.js';
import type { CpuStream } from './stream.js';
import type { Tables } from './tables.js';

/** Bytes of a reject's text: hexadecimal, so twice as many characters. */
const SHOWN_BYTES = 64;
const COMMON_TYPE_BYTES = 2;
const NUL = Buffer.of(0);
const NEWLINE = 0x0a;

/** Whether the fields of an event are needed. */
export function isRead(system: string, name: string): boolean {
  const event = findKernelEvent(system, name);
  return event !== undefined && event.action !== 'count';
}

interface Handler {
  readonly event: KernelEvent | undefined;
  readonly fields: ReadonlyMap<string, EventField>;
  readonly label: string;
}

/** Takes the records of a file in the order of their time. */
export class Records {
  readonly kernel: KernelNormalizer;
  private readonly tally: Tally;
  private readonly fields: RecordFields;
  private readonly little: boolean;
  /** By the event's number. */
  private readonly handlers: (Handler | undefined)[] = [];
  private readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };

  constructor(target: DecodeTarget, tables: Tables, little: boolean) {
    this.tally = target.tally;
    this.kernel = new KernelNormalizer(target);
    this.fields = new RecordFields(little);
    this.little = little;
    for (const [id, { system, name, fields }] of tables.events) {
      this.handlers[id] = { event: findKernelEvent(system, name), fields: fields ?? new Map(), label: `${system}:${name}` };
    }
  }

  /** Counts the record that the stream has come to: as an event, ignored, unknown or rejected. */
  take(stream: CpuStream, timeNs: number): void {
    this.tally.read += 1;
    const { view } = stream.window;
    const { dataAt, dataBytes } = stream;
    const id = dataBytes < COMMON_TYPE_BYTES ? ABSENT : view.getUint16(dataAt, this.little);
    const handler = this.handlers[id];
    if (handler === undefined) {
      this.reject(stream, id === ABSENT ? 'the record has no event number' : `the file describes no event of number ${id}`);
      return;
    }
    const { event, fields } = handler;
    if (event === undefined) {
      this.kernel.unknown(handler.label);
      return;
    }
    if (event.action === 'count') {
      this.tally.ignore(event.name);
      return;
    }
    this.fields.set(fields, view, dataAt, dataBytes);
    const { stamp } = this;
    const thread = this.fields.number('common_pid');
    stamp.timeNs = timeNs;
    stamp.thread = Number.isNaN(thread) ? ABSENT : thread;
    stamp.place = stream.place;
    const taken = event.action === 'mark' ? this.mark(fields, stream) : this.kernel.record(event, this.fields, stamp);
    if (!taken) this.reject(stream, `${event.name}: ${this.kernel.reason}`);
  }

  /** Records are missing: a mark in the capture counts as a record of its own. */
  lost(count: number, timeNs: number, place: number): void {
    this.tally.read += 1;
    const known = count !== ABSENT && Number.isSafeInteger(this.tally.lost + count);
    this.kernel.lost(known ? count : NaN, { timeNs, thread: ABSENT, place });
  }

  reject(stream: CpuStream, reason: string): void {
    const { view } = stream.window;
    const shown = Buffer.from(view.buffer, view.byteOffset + stream.dataAt, Math.min(stream.dataBytes, SHOWN_BYTES));
    this.tally.reject(stream.place, reason, shown.toString('hex'));
  }

  /** Text that a program wrote: ftrace's `print`, whose last field takes the rest of the record, up to a NUL. */
  private mark(fields: ReadonlyMap<string, EventField>, stream: CpuStream): boolean {
    const { view } = stream.window;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const last = stream.dataAt + stream.dataBytes;
    const start = Math.min(last, stream.dataAt + (fields.get('buf')?.offset ?? stream.dataBytes));
    const nul = indexOfLiteral(bytes, start, last, NUL);
    const end = nul === -1 ? last : nul;
    return this.kernel.mark(bytes, start, end > start && bytes[end - 1] === NEWLINE ? end - 1 : end, true, this.stamp);
  }
}
