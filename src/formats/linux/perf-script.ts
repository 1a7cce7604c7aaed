// The output of `perf script`, a line per sample of a tracepoint. [LINUX tools/perf/builtin-script.c]
// Read: nvme and kvm events, with microsecond or nanosecond stamps, call chains or none.

import { ascii, isDigit, latin1, matchesAt } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Clock } from '../../trace/event.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner, MAX_LINE_BYTES } from '../lines.js';
import type { LineSink } from '../lines.js';
import { TimeOrigin } from '../origin.js';
import { skipBlanks } from './ftrace-line.js';
import { KernelNormalizer } from './normalize.js';
import type { Stamp } from '../stamp.js';
import { EventNames } from './event-name.js';
import { detectPerfScript } from './perf-detect.js';
import { PerfLine } from './perf-line.js';
import { printTextStart } from './print-text.js';
import { TextFields } from './text-fields.js';

/** Names under which lines without an event are counted. */
export const PERF_NOTE = {
  blank: '(blank)',
  header: '(header)',
  callChain: '(call chain)',
  record: '(PERF_RECORD)',
  printk: '(trace_printk)',
} as const;

const HASH = 0x23;
const TAB = 0x09;
const CLOSING = 0x29;
const CLOSING_BRACKET = 0x5d;
const RECORD = ascii('PERF_RECORD_');
/** `PERF_RECORD_LOST lost 12` with --show-lost-events. */
const LOST = /^PERF_RECORD_LOST(?:_SAMPLES)? +lost (\d+)/;
/** With --header, when the recording asked for another clock than perf's own. */
const CLOCK_ID = /^# clockid: (\w+)/;
const CLOCKS: Readonly<Record<string, Clock>> = { monotonic: 'monotonic', boottime: 'boot', realtime: 'realtime' };
const MAX_NOTE_BYTES = 256;

/** Counts each line once, as an event, ignored, unknown or rejected. Holds one line, and what the normalizer holds. */
class PerfScriptDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly prefix = new PerfLine();
  private readonly names = new EventNames(true);
  private readonly fields = new TextFields();
  private readonly kernel: KernelNormalizer;
  private readonly tally: Tally;
  private readonly origin = new TimeOrigin();
  private readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };
  private clock: Clock = 'trace';
  private nanoseconds = false;

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.kernel = new KernelNormalizer(target);
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
  }

  end(): DecodeSummary {
    this.scanner.end();
    this.kernel.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    const { findings } = this.kernel;
    const stamps = this.nanoseconds ? 'ns stamps' : 'us stamps';
    return {
      clock: this.origin.known ? this.clock : 'none',
      originNs: this.origin.originNs,
      dialect: `perf script, ${stamps}${findings === '' ? '' : `; ${findings}`}`,
    };
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    this.tally.read += 1;
    const { prefix, stamp } = this;
    stamp.place = lineNumber;
    if (!prefix.read(bytes, start, end)) {
      this.note(bytes, start, end, terminated);
      return;
    }
    stamp.thread = prefix.tid;
    stamp.timeNs = this.origin.relativeNs(prefix.seconds, prefix.nanoseconds);
    if (prefix.fractionDigits === 9) this.nanoseconds = true;
    if (Number.isNaN(stamp.timeNs)) this.reject(bytes, start, end, 'the time stamp is more than 104 days away from the first one');
    else this.body(bytes, start, end, terminated);
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    this.stamp.place = lineNumber;
    this.reject(bytes, start, end, `the line is longer than ${MAX_LINE_BYTES} bytes`);
  }

  /** What stands behind the time stamp. */
  private body(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    const { names, prefix } = this;
    if (!names.find(bytes, prefix.bodyStart, end)) {
      this.record(bytes, start, end);
      return;
    }
    const { event } = names;
    if (event === undefined) {
      this.kernel.unknown(names.name);
      return;
    }
    const textStart = skipBlanks(bytes, names.nameEnd, end);
    const last = bytes[end - 1];
    if (event.action === 'mark') {
      const at = printTextStart(bytes, textStart, end);
      if (at === -1) this.tally.ignore(PERF_NOTE.printk);
      else if (!this.kernel.mark(bytes, at, end, terminated, this.stamp, prefix.pid)) this.reject(bytes, start, end, this.kernel.reason);
    } else if (event.action !== 'count' && !terminated && last !== CLOSING && last !== CLOSING_BRACKET) {
      this.reject(bytes, start, end, 'the last line is cut off');
    } else {
      this.fields.reset(bytes, textStart, end);
      if (!this.kernel.record(event, this.fields, this.stamp)) {
        this.reject(bytes, start, end, `${event.name}: ${this.kernel.reason}`);
      }
    }
  }

  /** `PERF_RECORD_...` of perf's own bookkeeping. */
  private record(bytes: Uint8Array, start: number, end: number): void {
    const { bodyStart } = this.prefix;
    if (!matchesAt(bytes, bodyStart, end, RECORD)) {
      this.reject(bytes, start, end, 'no event name behind the time stamp');
      return;
    }
    const lost = LOST.exec(shortText(bytes, bodyStart, end))?.[1];
    if (lost === undefined) {
      this.tally.ignore(PERF_NOTE.record);
      return;
    }
    this.stamp.thread = ABSENT;
    this.kernel.lost(Number.isSafeInteger(Number(lost)) ? Number(lost) : NaN, this.stamp);
  }

  /** A line without a prefix. */
  private note(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    const at = skipBlanksAndTabs(bytes, start, end);
    if (at === end) {
      this.tally.ignore(PERF_NOTE.blank);
    } else if (bytes[at] === HASH) {
      const named = CLOCK_ID.exec(shortText(bytes, at, end))?.[1];
      if (named !== undefined) this.clock = CLOCKS[named] ?? this.clock;
      this.tally.ignore(PERF_NOTE.header);
    } else if (at > start && isChainEntry(bytes, at, end)) {
      this.tally.ignore(PERF_NOTE.callChain);
    } else {
      this.reject(bytes, start, end, terminated ? 'no task and time stamp at the start of the line' : 'the last line is cut off');
    }
  }

  private reject(bytes: Uint8Array, start: number, end: number, reason: string): void {
    this.tally.reject(this.stamp.place, reason, latin1(bytes, start, Math.min(end, start + MAX_REJECT_TEXT)));
  }
}

/** `ffffffffc0a1b2c3 nvme_queue_rq+0x73 ([nvme])` */
function isChainEntry(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && at - start <= 16 && isHexDigit(bytes[at]!)) at += 1;
  return at > start && at < end && bytes[at] === 0x20;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x66);
}

function skipBlanksAndTabs(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === TAB)) at += 1;
  return at;
}

function shortText(bytes: Uint8Array, start: number, end: number): string {
  return latin1(bytes, start, Math.min(end, start + MAX_NOTE_BYTES));
}

/** `perf script` output. */
export const perfScript: TraceFormat = {
  id: 'perf-script',
  title: 'perf script: nvme and kvm tracepoints as text',
  detect: detectPerfScript,
  open: (target) => new PerfScriptDecoder(target),
};
