// Counts the text records of device events, once a format knows where on its line the record begins: the part that
// syslog and the SystemTap helper share. A capture of theirs can hold several QEMU processes, and then each is a controller.

import { unreachable } from '../../base/assert.js';
import { latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';
import { MAX_LINE_BYTES } from '../lines.js';
import { TimeOrigin } from '../origin.js';
import { Dialect } from './dialect.js';
import type { Stamp } from '../stamp.js';
import { Processes, TOO_MANY_PROCESSES } from './processes.js';
import { RecordReader } from './record.js';
import type { RecordClass } from './record.js';

/** Takes one record after the other; `record` describes the one that was read last. One belongs to one decoder. */
export class TextRecords {
  readonly record = new RecordReader();
  readonly dialect = new Dialect();
  readonly origin = new TimeOrigin();
  /** Where and when the record at hand stands. */
  readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };
  readonly processes: Processes;
  private readonly tally: Tally;

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.processes = new Processes(target);
  }

  /** Says where and when the record at hand stands; false when its time doesn't fit beside the first one. */
  setStamp(lineNumber: number, seconds: number, nanoseconds: number): boolean {
    const { stamp } = this;
    stamp.place = lineNumber;
    stamp.timeNs = Number.isNaN(seconds) ? NaN : this.origin.relativeNs(seconds, nanoseconds);
    return Number.isNaN(seconds) || !Number.isNaN(stamp.timeNs);
  }

  /** Counts the record that `record` has classified as `found`. False when a device event had to be refused. */
  count(found: RecordClass, pid: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { record, tally } = this;
    switch (found) {
      case 'mapped':
      case 'counted':
        return this.deviceEvent(found, pid, bytes, start, end);
      case 'ignored':
        tally.ignore(record.name);
        return true;
      case 'unknown':
        tally.unknown(record.name);
        return true;
      case 'rejected':
        this.reject(pid, record.reason, bytes, start, end);
        return false;
      default:
        return unreachable(found);
    }
  }

  /** Refuses the record at hand. It may have been a device event, so a held register write doesn't wait any longer. */
  reject(pid: number, reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.processes.seen(pid)?.normalizer.pass();
    this.tally.reject(this.stamp.place, reason, latin1(bytes, start, Math.min(end, start + MAX_REJECT_TEXT)));
  }

  /** Counts and refuses a line that is too long to be read. */
  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    this.stamp.place = lineNumber;
    this.processes.passAll();
    this.reject(ABSENT, `the line is longer than ${MAX_LINE_BYTES} bytes`, bytes, start, end);
  }

  /** Call once, after the last record. */
  end(): void {
    this.processes.passAll();
  }

  private deviceEvent(found: 'mapped' | 'counted', pid: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { record, tally } = this;
    const process = this.processes.of(pid);
    if (process === undefined) {
      this.reject(pid, TOO_MANY_PROCESSES, bytes, start, end);
      return false;
    }
    const { style } = record.prefix;
    const definition = found === 'mapped' ? record.text.definition : undefined;
    if (record.event !== undefined) this.dialect.see(record.event, definition, style === 'none' ? undefined : style);
    if (found === 'counted') process.normalizer.pass();
    if (found === 'counted' || !process.normalizer.event(record.mapped, record.text.args, this.stamp)) tally.ignore(record.name);
    return true;
  }
}
