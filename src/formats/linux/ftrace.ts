// ftrace as text: the files `trace` and `trace_pipe` of the kernel's tracing directory, and `trace-cmd report`.
// [LINUX Documentation/trace/ftrace.rst, kernel/trace/trace_output.c; trace-cmd tracecmd/trace-read.c]
// Read: the guest's nvme events, the host's kvm events, and the events that QEMU's `ftrace` backend writes.

import { indexOfLiteral, ascii, latin1, matchesAt } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Clock } from '../../trace/event.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner, MAX_LINE_BYTES } from '../lines.js';
import type { LineSink } from '../lines.js';
import { TimeOrigin } from '../origin.js';
import { EventNames } from './event-name.js';
import { detectFtrace } from './ftrace-detect.js';
import { GraphComment } from './ftrace-graph.js';
import { FtraceLine, skipBlanks } from './ftrace-line.js';
import { skipQuote } from '../qemu/behind-text.js';
import { FtraceNotes, NOTE } from './ftrace-notes.js';
import { KernelNormalizer } from './normalize.js';
import type { Stamp } from '../stamp.js';
import { printTextStart } from './print-text.js';
import { TextFields } from './text-fields.js';

const FAR_STAMP = 'the time stamp is more than 104 days away from the first one';
const STACK_TRACES = [ascii('<stack trace'), ascii('<user stack trace')] as const;
/** What trace-cmd calls them. */
const STACK_EVENTS: readonly string[] = ['kernel_stack', 'user_stack'];
const CALLER = ascii(' <-');
const SPACE_COLON = ascii(': ');
const CLOSING = 0x29;

/** Counts each line once, as an event, ignored, unknown or rejected. Holds one line, and what the normalizer holds. */
class FtraceDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly prefix = new FtraceLine();
  private readonly names = new EventNames(false);
  private readonly notes = new FtraceNotes();
  private readonly comment = new GraphComment();
  private readonly fields = new TextFields();
  private readonly kernel: KernelNormalizer;
  private readonly tally: Tally;
  private readonly origin = new TimeOrigin();
  private readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };
  /** Whether the last record was text that a program wrote: lines without a prefix continue it. */
  private afterMark = false;
  private ticks = false;
  private tgid = false;
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
    return { clock: this.clock, originNs: this.origin.originNs, dialect: this.dialect };
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    this.tally.read += 1;
    const { prefix, stamp } = this;
    stamp.place = lineNumber;
    if (!prefix.read(bytes, start, end)) {
      this.note(bytes, start, end, terminated);
      return;
    }
    stamp.thread = prefix.pid;
    if (!this.setTime()) {
      this.reject(bytes, start, end, FAR_STAMP);
      return;
    }
    this.body(bytes, start, end, terminated);
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    this.stamp.place = lineNumber;
    this.reject(bytes, start, end, `the line is longer than ${MAX_LINE_BYTES} bytes`);
  }

  private setTime(): boolean {
    const { prefix, stamp } = this;
    if (prefix.hasTgid) this.tgid = true;
    if (prefix.shape === 'ticks') {
      this.ticks = true;
      stamp.timeNs = NaN;
      return true;
    }
    if (prefix.fractionDigits === 9) this.nanoseconds = true;
    stamp.timeNs = this.origin.relativeNs(prefix.seconds, prefix.nanoseconds);
    return !Number.isNaN(stamp.timeNs);
  }

  /** What stands behind the time stamp. */
  private body(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    const { names, prefix } = this;
    this.afterMark = false;
    if (!names.find(bytes, prefix.bodyStart, end)) {
      this.nameless(bytes, start, end);
      return;
    }
    const { event } = names;
    if (event === undefined) {
      if (STACK_EVENTS.includes(names.name)) this.tally.ignore(NOTE.stackTrace);
      else this.kernel.unknown(names.name);
      return;
    }
    const textStart = skipBlanks(bytes, names.nameEnd, end);
    if (event.action === 'mark') {
      this.mark(bytes, start, textStart, end, terminated);
    } else if (event.action !== 'count' && !terminated && bytes[end - 1] !== CLOSING) {
      this.reject(bytes, start, end, 'the last line is cut off');
    } else {
      this.fields.reset(bytes, textStart, end);
      if (this.fields.isDumped) this.notes.traceCmd = true;
      if (!this.kernel.record(event, this.fields, this.stamp)) {
        this.reject(bytes, start, end, `${event.name}: ${this.kernel.reason}`);
      }
    }
  }

  /** `tracing_mark_write: text`, and `print: tracing_mark_write: text` or `print: caller: text` from trace-cmd. */
  private mark(bytes: Uint8Array, start: number, textStart: number, end: number, terminated: boolean): void {
    let at = textStart;
    if (this.names.name === 'print') {
      this.notes.traceCmd = true;
      at = printTextStart(bytes, at, end);
      if (at === -1) return this.tally.ignore(NOTE.printk);
    }
    this.afterMark = true;
    if (!this.kernel.mark(bytes, at, end, terminated, this.stamp, this.prefix.tgid)) this.reject(bytes, start, end, this.kernel.reason);
  }

  private nameless(bytes: Uint8Array, start: number, end: number): void {
    const { bodyStart } = this.prefix;
    if (STACK_TRACES.some((text) => matchesAt(bytes, bodyStart, end, text))) this.tally.ignore(NOTE.stackTrace);
    else if (indexOfLiteral(bytes, bodyStart, end, CALLER) !== -1) this.tally.ignore(NOTE.functionTrace);
    else if (indexOfLiteral(bytes, bodyStart, end, SPACE_COLON) !== -1) this.tally.ignore(NOTE.printk);
    else this.reject(bytes, start, end, 'no event name behind the time stamp');
  }

  /** A line without a prefix. */
  private note(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    switch (this.notes.read(bytes, skipQuote(bytes, start, end), end)) {
      case 'ignored':
        this.tally.ignore(this.notes.name);
        break;
      case 'lost':
        this.stamp.thread = ABSENT;
        this.kernel.lost(this.notes.lost, this.stamp);
        break;
      case 'graph':
        this.graph(bytes, start, end);
        break;
      case 'text':
        this.text(bytes, start, end, terminated);
        break;
    }
  }

  /** A line of function_graph: calls, and events as comments. */
  private graph(bytes: Uint8Array, start: number, end: number): void {
    const { comment, names, stamp } = this;
    const commented = comment.read(bytes, start, end);
    const event = commented && names.find(bytes, comment.start, end) ? names.event : undefined;
    const mark = commented && event === undefined && this.kernel.hasDeviceEvent(bytes, comment.start, comment.end);
    if (!mark && (event === undefined || event.action === 'count' || event.action === 'mark')) return this.tally.ignore(NOTE.functionGraph);
    if (!comment.whole) return this.reject(bytes, start, end, 'the comment does not end on its line');
    stamp.thread = comment.pid;
    stamp.timeNs = Number.isNaN(comment.seconds) ? NaN : this.origin.relativeNs(comment.seconds, comment.nanoseconds);
    if (Number.isNaN(stamp.timeNs) && !Number.isNaN(comment.seconds)) return this.reject(bytes, start, end, FAR_STAMP);
    if (event === undefined) {
      if (!this.kernel.mark(bytes, comment.start, comment.end, true, stamp)) this.reject(bytes, start, end, this.kernel.reason);
      return;
    }
    this.fields.reset(bytes, skipBlanks(bytes, names.nameEnd, comment.end), comment.end);
    if (!this.kernel.record(event, this.fields, stamp)) this.reject(bytes, start, end, `${event.name}: ${this.kernel.reason}`);
  }

  private text(bytes: Uint8Array, start: number, end: number, terminated: boolean): void {
    if (this.afterMark && terminated && !this.kernel.hasDeviceEvent(bytes, start, end)) {
      this.tally.ignore(NOTE.continued);
      return;
    }
    this.reject(
      bytes,
      start,
      end,
      !terminated
        ? 'the last line is cut off'
        : this.notes.latencyFormat
          ? 'the option latency-format is not read: capture without it'
          : 'no task, CPU and time stamp at the start of the line',
    );
  }

  private reject(bytes: Uint8Array, start: number, end: number, reason: string): void {
    this.tally.reject(this.stamp.place, reason, latin1(bytes, start, Math.min(end, start + MAX_REJECT_TEXT)));
  }

  /** The text names its clock only where somebody put the file trace_clock in front. */
  private get clock(): Clock {
    if (!this.origin.known) return 'none';
    if (this.notes.clock === 'mono') return 'monotonic';
    return this.notes.clock === 'boot' ? 'boot' : 'trace';
  }

  private get dialect(): string {
    const { tracer, traceCmd } = this.notes;
    const family = traceCmd ? 'trace-cmd report' : tracer === undefined ? 'ftrace trace_pipe' : `ftrace trace, tracer ${tracer}`;
    const details = [
      ...(this.tgid ? ['TGID column'] : []),
      ...(this.nanoseconds ? ['ns stamps'] : []),
      ...(this.ticks ? ['stamps without a unit, not kept'] : []),
    ].map((detail) => `, ${detail}`);
    const { findings } = this.kernel;
    return `${family}${details.join('')}${findings === '' ? '' : `; ${findings}`}`;
  }
}

/** ftrace text: `trace`, `trace_pipe`, `trace-cmd report`. */
export const ftrace: TraceFormat = {
  id: 'ftrace',
  title: "ftrace text: nvme, kvm and QEMU 'ftrace' backend events in trace, trace_pipe or trace-cmd report",
  detect: detectFtrace,
  open: (target) => new FtraceDecoder(target),
};
