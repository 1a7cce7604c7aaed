// QEMU's `log` trace backend: one line of text per event, on stderr or in the file of -D, among QEMU's other output.
// [QEMU-10.0 scripts/tracetool/backend/log.py, util/log.c]
// Read: the events of the NVMe device, QEMU 2.12 and later, with all spellings of the prefix, mixed in one file.
// Two controllers in one QEMU can't be told apart: no event names its controller. All are controller 0.

import { latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner, MAX_LINE_BYTES } from '../lines.js';
import type { LineSink } from '../lines.js';
import { TimeOrigin } from '../origin.js';
import { detectQemuLog } from './detect.js';
import { Dialect } from './dialect.js';
import type { EventDefinition } from './events.js';
import { endsInOpenNumber, nextRecord } from './glued.js';
import { QemuNormalizer } from './normalize.js';
import type { Stamp } from '../stamp.js';
import { RecordReader } from './record.js';
import type { RecordClass } from './record.js';

const FAR_STAMP = 'the time stamp is more than 104 days away from the first one';
const OPEN_NUMBER = 'another record begins where the last number ends, which may have lost digits';

/** Counts each record once, as an event, ignored, unknown or rejected. Holds one line and one pending event. */
class QemuLogDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly record = new RecordReader(true);
  private readonly normalizer: QemuNormalizer;
  private readonly tally: Tally;
  private readonly origin = new TimeOrigin();
  private readonly dialect = new Dialect();
  private readonly stamp: Stamp = { timeNs: NaN, thread: 0, place: 0 };

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.normalizer = new QemuNormalizer(target);
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
  }

  end(): DecodeSummary {
    this.scanner.end();
    this.normalizer.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    return {
      clock: this.origin.known ? 'realtime' : 'none',
      originNs: this.origin.originNs,
      dialect: this.dialect.name,
    };
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    const { record } = this;
    let from = start;
    let found = record.read(bytes, from, end, terminated);
    while (found === 'rejected') {
      const next = nextRecord(record.prefix, bytes, from, end);
      // What was read last is described by the reader.
      if (next === undefined) {
        found = record.read(bytes, from, end, terminated);
        break;
      }
      const first = record.read(bytes, from, next.at, true);
      if (first === 'mapped' && endsInOpenNumber(bytes, from, next.at)) this.count(record.reject(OPEN_NUMBER), bytes, from, next.at, lineNumber);
      else this.count(first, bytes, from, next.at, lineNumber);
      from = next.at;
      found = record.read(bytes, from, end, terminated);
      // A text that is whole needs no more digits.
      if (!next.threadIsSure && first !== 'mapped') record.prefix.thread = ABSENT;
    }
    this.count(found, bytes, from, end, lineNumber);
  }

  /** Counts the record in [start, end), which the reader has classified. */
  private count(classified: RecordClass, bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    const { record } = this;
    const found = classified === 'rejected' || this.setStamp(lineNumber) ? classified : record.reject(FAR_STAMP);
    switch (found) {
      case 'mapped':
        this.see(record.text.definition);
        if (!this.normalizer.event(record.mapped, record.text.args, this.stamp)) this.tally.ignore(record.name);
        break;
      case 'counted':
        this.see(undefined);
        this.normalizer.pass();
        this.tally.ignore(record.name);
        break;
      case 'ignored':
        this.tally.ignore(record.name);
        break;
      case 'unknown':
        this.tally.unknown(record.name);
        break;
      case 'rejected':
        this.reject(bytes, start, end, lineNumber, record.reason);
        break;
    }
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    this.reject(bytes, start, end, lineNumber, `the line is longer than ${MAX_LINE_BYTES} bytes`);
  }

  /** What was refused may have been a device event, so a held register write doesn't wait any longer. */
  private reject(bytes: Uint8Array, start: number, end: number, lineNumber: number, reason: string): void {
    this.normalizer.pass();
    this.tally.reject(lineNumber, reason, latin1(bytes, start, Math.min(end, start + MAX_REJECT_TEXT)));
  }

  private see(definition: EventDefinition | undefined): void {
    const { event, prefix } = this.record;
    if (event !== undefined) this.dialect.see(event, definition, prefix.style);
  }

  /** False when the line's time doesn't fit beside the first one. */
  private setStamp(lineNumber: number): boolean {
    const { stamp } = this;
    const { prefix } = this.record;
    stamp.place = lineNumber;
    stamp.thread = prefix.thread;
    stamp.timeNs = prefix.style === 'none' ? NaN : this.origin.relativeNs(prefix.seconds, prefix.nanoseconds);
    return prefix.style === 'none' || !Number.isNaN(stamp.timeNs);
  }
}

/** QEMU's `log` trace backend, NVMe device events. */
export const qemuLog: TraceFormat = {
  id: 'qemu-log',
  title: "QEMU log: NVMe device events of the 'log' trace backend",
  detect: detectQemuLog,
  open: (target) => new QemuLogDecoder(target),
};
