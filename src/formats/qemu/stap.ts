// What qemu-trace-stap prints, the helper that runs a SystemTap script on QEMU's `dtrace` backend (QEMU 4.0 and later).
// [QEMU-10.0 scripts/qemu-trace-stap, scripts/tracetool/format/log_stap.py]
//
//   4711@1781000433123456789 pci_nvme_mmio_doorbell_sq sqid 1 new_tail 6      process, wall-clock ns, one blank, the text record

import { AsciiCursor, SPACE } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner } from '../lines.js';
import type { LineSink } from '../lines.js';
import { detectLines } from './detect-lines.js';
import { OTHER_TEXT, RecordReader } from './record.js';
import { TextRecords } from './text-records.js';

const AT = 0x40;
const MAX_PID = 0x7fff_ffff;
/** A 64-bit number of ns: up to 10 digits of seconds, then 9. */
const FRACTION_DIGITS = 9;
const MAX_SECOND_DIGITS = 10;

/** Reads `PID@NANOSECONDS `. */
class StapPrefix {
  pid: number = ABSENT;
  seconds = NaN;
  nanoseconds = NaN;
  private readonly cursor = new AsciiCursor();

  /** Returns the position behind the prefix of [start, end); -1 without one. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const { cursor } = this;
    cursor.reset(bytes, start, end);
    this.pid = cursor.decimal();
    if (!(this.pid <= MAX_PID) || !cursor.byte(AT)) return -1;
    let stop = cursor.at;
    while (stop < end && bytes[stop] !== SPACE) stop += 1;
    const secondDigits = stop - cursor.at - FRACTION_DIGITS;
    if (stop === end || secondDigits < 1 || secondDigits > MAX_SECOND_DIGITS) return -1;
    this.seconds = cursor.digits(secondDigits);
    this.nanoseconds = cursor.digits(FRACTION_DIGITS);
    return Number.isNaN(this.seconds + this.nanoseconds) ? -1 : stop + 1;
  }
}

/** Counts each line once, as an event, ignored, unknown or rejected. */
class StapDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly prefix = new StapPrefix();
  private readonly records: TextRecords;
  private readonly tally: Tally;

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.records = new TextRecords(target);
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
  }

  end(): DecodeSummary {
    this.scanner.end();
    this.records.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    const { origin, dialect } = this.records;
    return { clock: origin.known ? 'realtime' : 'none', originNs: origin.originNs, dialect: dialect.name };
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.records.overlong(bytes, start, end, lineNumber);
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    this.tally.read += 1;
    const { records, prefix } = this;
    const { record } = records;
    records.stamp.place = lineNumber;
    const at = prefix.read(bytes, start, end);
    if (at !== -1) {
      const found = record.read(bytes, at, end, terminated);
      const fits = records.setStamp(lineNumber, prefix.seconds, prefix.nanoseconds);
      if (fits) records.count(found, prefix.pid, bytes, start, end);
      else records.reject(prefix.pid, 'the time stamp is more than 104 days away from the first one', bytes, start, end);
      return;
    }
    const found = record.read(bytes, start, end, terminated);
    if (found === 'ignored' && terminated) this.tally.ignore(record.name);
    else if (found === 'unknown' && terminated) this.tally.ignore(OTHER_TEXT);
    else records.reject(ABSENT, terminated ? "no process and time stand before the event" : 'the last line is cut off', bytes, start, end);
  }
}

/** Text of QEMU's SystemTap helper, NVMe device events. */
export const qemuStap: TraceFormat = {
  id: 'qemu-stap',
  title: "qemu-trace-stap: NVMe device events of QEMU's 'dtrace' backend, printed by SystemTap",
  detect: (head) => {
    const prefix = new StapPrefix();
    const record = new RecordReader();
    return detectLines(head, 'lines of qemu-trace-stap with events', record, (bytes, start, end) => prefix.read(bytes, start, end));
  },
  open: (target) => new StapDecoder(target),
};
