// QEMU's `syslog` trace backend (2.8 and later), and its `log` backend where a service's stderr goes to the journal:
// lines of syslog or of `journalctl`. [QEMU-10.0 scripts/tracetool/backend/syslog.py] syslog(LOG_INFO, "NAME TEXT")
//
// What the daemons leave out becomes a lost mark:
// - `message repeated 3 times: [ X ]` (rsyslog): one event X, and 2 lost. They were the same as X, but nobody knows when.
// - `last message repeated 3 times` (classic syslogd) behind a line of QEMU: 3 lost.
// - `Suppressed 12 messages from ...` (journald), `12 messages lost due to rate-limiting` (rsyslog) and the like: 12 lost.
// - `begin to drop messages due to rate-limiting` (rsyslog): a mark without a number; the number comes in a later line.

import { AsciiCursor, ascii, indexOfLiteral, latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Clock } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner } from '../lines.js';
import type { LineSink } from '../lines.js';
import { detectLines } from './detect-lines.js';
import { LostWriter } from './lost.js';
import { OTHER_TEXT, RecordReader } from './record.js';
import { lossIn } from './syslog-loss.js';
import { SyslogPrefix } from './syslog-prefix.js';
import { TextRecords } from './text-records.js';

const REPEATED = ascii('message repeated ');
const TIMES = ascii(' times: [');
const MESSAGE = ascii('message');
const SPACE = 0x20;
const CLOSE = 0x5d;
const CUT_OFF = 'the last line is cut off';
/** Notices of the daemons are short. */
const MAX_NOTICE_BYTES = 300;

/** Counts each line once, as an event, ignored, unknown or rejected. */
class SyslogDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly prefix = new SyslogPrefix();
  private readonly records: TextRecords;
  private readonly lost: LostWriter;
  private readonly tally: Tally;
  private readonly cursor = new AsciiCursor();
  private clock: Clock = 'none';
  /** Whether the line before was a device event. */
  private behindEvent = false;

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.records = new TextRecords(target);
    this.lost = new LostWriter(target);
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
    return { clock: this.clock, originNs: this.records.origin.originNs, dialect: this.records.dialect.name };
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.records.overlong(bytes, start, end, lineNumber);
    this.behindEvent = false;
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    this.tally.read += 1;
    this.records.stamp.place = lineNumber;
    const message = this.prefix.read(bytes, start, end);
    if (message === -1) this.foreignLine(bytes, start, end, terminated);
    else this.message(bytes, message, end, lineNumber, terminated);
  }

  /** A line that isn't of syslog: the journal's own headings, blank lines, a torn line. */
  private foreignLine(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    const { record } = this.records;
    const found = record.read(bytes, start, end, terminated);
    this.behindEvent = false;
    if (found === 'ignored' && terminated) this.tally.ignore(record.name);
    else if (found === 'unknown' && terminated) this.tally.ignore(OTHER_TEXT);
    else this.records.reject(ABSENT, terminated ? 'the line has no stamp of syslog' : CUT_OFF, bytes, start, end);
  }

  private message(bytes: Uint8Array, at: number, end: number, lineNumber: number, terminated: boolean): void {
    const { record } = this.records;
    const { pid } = this.prefix;
    const repeats = this.repeats(bytes, at, end);
    const start = repeats === 1 ? at : this.cursor.at;
    const stop = repeats === 1 ? end : this.cursor.end;
    let found = record.read(bytes, start, stop, terminated);
    const device = found === 'mapped' || found === 'counted';
    if (device || this.isQemu()) {
      if (!this.setStamp(lineNumber)) {
        record.reason = 'the time stamp is more than 104 days away from the first one';
        found = 'rejected';
      }
    } else if (found === 'unknown') {
      record.name = OTHER_TEXT;
      found = 'ignored';
    }
    if (found === 'ignored' && this.notice(bytes, at, end, lineNumber)) return;
    const kept = this.records.count(found, pid, bytes, start, end);
    this.behindEvent = kept && device;
    if (this.behindEvent && repeats > 1) this.lost.mark(repeats - 1, this.records.stamp, this.records.processes.seen(pid)?.controller ?? 0);
  }

  /** How many messages the line stands for; when it is more than one, `cursor` spans what is repeated. */
  private repeats(bytes: Uint8Array, at: number, end: number): number {
    const { cursor } = this;
    cursor.reset(bytes, at, end);
    if (!cursor.literal(REPEATED)) return 1;
    const times = cursor.decimal();
    if (!(times > 1 && times <= Number.MAX_SAFE_INTEGER) || !cursor.literal(TIMES) || bytes[end - 1] !== CLOSE) return 1;
    cursor.byte(SPACE);
    cursor.end = Math.max(cursor.at, bytes[end - 2] === SPACE ? end - 2 : end - 1);
    return times;
  }

  /** Whether the message is QEMU's: by the name of the program, or because its process traced before. */
  private isQemu(): boolean {
    const { tag, pid } = this.prefix;
    return /qemu|kvm/.test(tag) || (pid !== ABSENT && this.records.processes.seen(pid) !== undefined);
  }

  /** The stamp that QEMU printed itself, if the message has one, is finer than the daemon's. */
  private setStamp(lineNumber: number): boolean {
    const inner = this.records.record.prefix;
    const own = inner.style !== 'none';
    if (this.clock === 'none') this.clock = own || this.prefix.absolute ? 'realtime' : 'trace';
    const { seconds, nanoseconds } = own ? inner : this.prefix;
    return this.records.setStamp(lineNumber, seconds, nanoseconds);
  }

  /** Turns a daemon's notice of missing messages into a mark; false when the line is none, or is about other programs. */
  private notice(bytes: Uint8Array, at: number, end: number, lineNumber: number): boolean {
    if (indexOfLiteral(bytes, at, Math.min(end, at + MAX_NOTICE_BYTES), MESSAGE) === -1) return false;
    const loss = lossIn(this.prefix.tag, latin1(bytes, at, Math.min(end, at + MAX_NOTICE_BYTES)));
    if (loss === undefined || (loss.repeatsLast && !this.behindEvent)) return false;
    const { records } = this;
    const { processes } = records;
    if (loss.pid !== undefined && processes.count > 0 && processes.seen(loss.pid) === undefined) return false;
    if (!this.setStamp(lineNumber)) return false;
    return this.lost.write(loss.amount, records.stamp);
  }
}

/** QEMU's `syslog` trace backend, NVMe device events. */
export const qemuSyslog: TraceFormat = {
  id: 'qemu-syslog',
  title: "syslog or journal with NVMe device events of QEMU's 'syslog' trace backend",
  detect: (head) => {
    const prefix = new SyslogPrefix();
    const record = new RecordReader();
    return detectLines(head, 'lines of syslog with events', record, (bytes, start, end) => prefix.read(bytes, start, end));
  },
  open: (target) => new SyslogDecoder(target),
};
