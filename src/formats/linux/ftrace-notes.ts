// Lines of ftrace text that are no records: headers, stack traces, marks of lost events, continued text.
// [LINUX kernel/trace/trace.c, trace_output.c; trace-cmd tracecmd/trace-read.c]

import { ascii, indexOfLiteral, isDigit, latin1, matchesAt } from '../../base/bytes.js';
import { isGraphLine } from './ftrace-graph.js';
import { skipBlanks } from './ftrace-line.js';

/** What a line without a prefix is. */
export type NoteKind = 'ignored' | 'lost' | 'graph' | 'text';

/** Names under which such lines are counted. */
export const NOTE = {
  blank: '(blank)',
  header: '(header)',
  bufferStarted: '(buffer started)',
  stackTrace: '(stack trace)',
  functionTrace: '(function trace)',
  functionGraph: '(function graph)',
  printk: '(trace_printk)',
  message: '(message of trace-cmd)',
  continued: '(continued text)',
} as const;

const HASH = 0x23;
const DASH = 0x2d;
const STACK_FRAME = ascii('=> ');
const CPU = ascii('CPU:');
const CPU_EMPTY = ascii('CPU ');
const IS_EMPTY = ascii(' is empty');
const CPUS = ascii('cpus=');
const VERSION = ascii('version = ');
const BUFFER_STARTED = ascii(' buffer started ');
const FUNCTION_MISSING = ascii('] function ');
const WRITTEN = ascii('# entries-in-buffer/entries-written: ');
const TRACER = ascii('# tracer: ');
const LATENCY = ascii(' latency trace v');
/** `CPU:4 [LOST 1234 EVENTS]`, `CPU:4 [LOST EVENTS]`; trace-cmd: `CPU:4 [1234 EVENTS DROPPED]`, `CPU:4 [EVENTS DROPPED]`. */
const LOSS = /^CPU:\d+ \[(?:LOST (?:(\d+) )?EVENTS|(?:(\d+) )?EVENTS DROPPED)\]\s*$/;
const SUBBUFFER = /^CPU:\d+ \[SUBBUFFER START\]/;
/** The content of the file trace_clock, by itself or as a comment: the clock in use stands in brackets. */
const CLOCK_CHOICE = /(?:^|[\s#])\[(local|global|counter|uptime|perf|mono|mono_raw|boot|tai|x86-tsc)\](?:\s|$)/;
const CLOCK_NAMES = ascii('global');
const MAX_NOTE_BYTES = 256;

/** Tells lines without a prefix apart, and remembers what headers say. One belongs to one decoder. */
export class FtraceNotes {
  /** For `ignored`: what to count. */
  name: string = NOTE.blank;
  /** For `lost`: how many; NaN when the line doesn't say. */
  lost = NaN;
  /** From `# tracer: `; undefined without that header, which only the file `trace` has. */
  tracer: string | undefined;
  /** From trace-cmd's first line, or one of its spellings. */
  traceCmd = false;
  /** From a line with the choice of trace clocks. */
  clock: string | undefined;
  /** The source is in the layout of the option latency-format. */
  latencyFormat = false;

  /** Classifies bytes [start, end), a line that is no record. */
  read(bytes: Uint8Array, start: number, end: number): NoteKind {
    const at = skipBlanks(bytes, start, end);
    if (at === end) return this.ignore(NOTE.blank);
    const first = bytes[at]!;
    if (first === HASH) return this.comment(bytes, at, end);
    if (matchesAt(bytes, at, end, STACK_FRAME)) return this.ignore(NOTE.stackTrace);
    if (matchesAt(bytes, at, end, CPU)) return this.cpu(bytes, at, end);
    if ((isDigit(first) || first === DASH) && isGraphLine(bytes, at, end)) return 'graph';
    if (matchesAt(bytes, at, end, CPUS) || matchesAt(bytes, at, end, VERSION)) {
      this.traceCmd = true;
      return this.ignore(NOTE.header);
    }
    if (matchesAt(bytes, at, end, CPU_EMPTY) && indexOfLiteral(bytes, at, end, IS_EMPTY) !== -1) return this.ignore(NOTE.header);
    if (first === 0x5b && indexOfLiteral(bytes, at, end, FUNCTION_MISSING) !== -1) return this.ignore(NOTE.message);
    if (this.choosesClock(bytes, at, end)) return this.ignore(NOTE.header);
    return 'text';
  }

  private comment(bytes: Uint8Array, start: number, end: number): NoteKind {
    if (matchesAt(bytes, start, end, TRACER)) {
      this.tracer = shortText(bytes, start + TRACER.length, end);
      return this.ignore(NOTE.header);
    }
    if (matchesAt(bytes, start, end, WRITTEN)) return this.written(shortText(bytes, start + WRITTEN.length, end));
    if (indexOfLiteral(bytes, start, end, BUFFER_STARTED) !== -1) return this.ignore(NOTE.bufferStarted);
    if (indexOfLiteral(bytes, start, end, LATENCY) !== -1) this.latencyFormat = true;
    this.choosesClock(bytes, start, end);
    return this.ignore(NOTE.header);
  }

  /** `140080/250280   #P:4`: the ring buffer kept 140080 of 250280 events, the newest. */
  private written(text: string): NoteKind {
    const match = /^(\d+)\/(\d+)/.exec(text);
    const missing = match === null ? 0 : Number(match[2]) - Number(match[1]);
    if (!(missing > 0 && Number.isSafeInteger(missing))) return this.ignore(NOTE.header);
    this.lost = missing;
    return 'lost';
  }

  private cpu(bytes: Uint8Array, start: number, end: number): NoteKind {
    const text = shortText(bytes, start, end);
    if (SUBBUFFER.test(text)) return this.ignore(NOTE.header);
    const match = LOSS.exec(text);
    if (match === null) return 'text';
    const amount = Number(match[1] ?? match[2] ?? NaN);
    this.lost = Number.isSafeInteger(amount) ? amount : NaN;
    if (text.includes('DROPPED')) this.traceCmd = true;
    return 'lost';
  }

  private choosesClock(bytes: Uint8Array, start: number, end: number): boolean {
    if (indexOfLiteral(bytes, start, Math.min(end, start + MAX_NOTE_BYTES), CLOCK_NAMES) === -1) return false;
    const match = CLOCK_CHOICE.exec(shortText(bytes, start, end));
    if (match === null) return false;
    this.clock = match[1];
    return true;
  }

  private ignore(name: string): 'ignored' {
    this.name = name;
    return 'ignored';
  }
}

function shortText(bytes: Uint8Array, start: number, end: number): string {
  return latin1(bytes, start, Math.min(end, start + MAX_NOTE_BYTES)).trimEnd();
}
