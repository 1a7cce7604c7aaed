// The decoder of formats that print a device event per line, its arguments by name. The format knows the line around them.

import { isNameByte, latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Clock } from '../../trace/event.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, Detection } from '../format.js';
import { HEAD_BYTES } from '../format.js';
import { LineScanner, MAX_LINE_BYTES } from '../lines.js';
import type { LineSink } from '../lines.js';
import { Dialect } from './dialect.js';
import { LostWriter } from './lost.js';
import { NamedReader } from './named.js';
import type { NamedStyle } from './named.js';
import type { Stamp } from '../stamp.js';
import { Processes, TOO_MANY_PROCESSES } from './processes.js';
import { BLANK, OTHER_TEXT } from './record.js';

/** A line as its format understands it. */
export interface NamedLine {
  /** Full name of the event. */
  readonly name: string;
  /** Since the first line; NaN when it doesn't fit beside it. */
  readonly timeNs: number;
  /** ABSENT when the line names none. */
  readonly pid: number;
  /** Places where the arguments may begin; they end at `argsEnd`. */
  readonly argsStarts: readonly number[];
  readonly argsEnd: number;
  /** Records that the line says are missing; undefined on a line that is an event. */
  readonly lost: number | undefined;
}

/** What a format knows of its lines. One belongs to one decoder. */
export interface NamedLineReader {
  readonly style: NamedStyle;
  /** Undefined when the line isn't one of the format. */
  read(bytes: Uint8Array, start: number, end: number): NamedLine | undefined;
  readonly clock: Clock;
  readonly originNs: bigint;
}

/** One such line suffices; a head full of them is certain. */
const LEAST_CONFIDENCE = 0.5;
const CUT_OFF = 'the last line is cut off';

/** Counts each line once, as an event, ignored, unknown or rejected. */
export class NamedLineDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this);
  private readonly reader: NamedLineReader;
  private readonly args: NamedReader;
  private readonly processes: Processes;
  private readonly lost: LostWriter;
  private readonly tally: Tally;
  private readonly dialect = new Dialect();
  private readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };

  constructor(target: DecodeTarget, reader: NamedLineReader) {
    this.tally = target.tally;
    this.reader = reader;
    this.args = new NamedReader(reader.style);
    this.processes = new Processes(target);
    this.lost = new LostWriter(target);
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
  }

  end(): DecodeSummary {
    this.scanner.end();
    this.processes.passAll();
    return this.summary();
  }

  summary(): DecodeSummary {
    return { clock: this.reader.clock, originNs: this.reader.originNs, dialect: this.dialect.name };
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number, terminated: boolean): void {
    this.tally.read += 1;
    this.stamp.place = lineNumber;
    const line = this.reader.read(bytes, start, end);
    let reason = '';
    if (line !== undefined) reason = this.record(line, bytes);
    else if (!terminated && start < end) reason = CUT_OFF;
    else if (this.args.find(firstName(bytes, start, end)) !== undefined) reason = 'the line is not whole';
    else this.tally.ignore(latin1(bytes, start, end).trim() === '' ? BLANK : OTHER_TEXT);
    if (reason !== '') this.reject(terminated ? reason : CUT_OFF, bytes, start, end);
  }

  overlong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.tally.read += 1;
    this.stamp.place = lineNumber;
    this.reject(`the line is longer than ${MAX_LINE_BYTES} bytes`, bytes, start, end);
  }

  /** Counts a line, and returns why it is refused, if it is. */
  private record(line: NamedLine, bytes: Uint8Array): string {
    const { stamp, args, tally } = this;
    stamp.timeNs = line.timeNs;
    if (Number.isNaN(line.timeNs)) return 'the time stamp is more than 104 days away from the first one';
    if (line.lost !== undefined) return this.lost.write(line.lost, stamp) ? '' : 'the number of dropped events is above 2^53 - 1';
    const event = args.find(line.name);
    if (event === undefined) {
      tally.unknown(line.name);
      return '';
    }
    if (event.driver) {
      tally.ignore(line.name);
      return '';
    }
    if (!line.argsStarts.some((start) => args.read(event, bytes, start, line.argsEnd))) return `${line.name}: ${args.fault}`;
    const process = this.processes.of(line.pid);
    if (process === undefined) return TOO_MANY_PROCESSES;
    this.dialect.see(event, args.definition, undefined);
    if (event.mapped === undefined) process.normalizer.pass();
    if (event.mapped === undefined || !process.normalizer.event(event.mapped, args.args, stamp)) tally.ignore(line.name);
    return '';
  }

  /** What was refused may have been a device event, so held register writes don't wait any longer. */
  private reject(reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.processes.passAll();
    this.tally.reject(this.stamp.place, reason, latin1(bytes, start, Math.min(end, start + MAX_REJECT_TEXT)));
  }
}

/** Looks for lines of device events in the first bytes of a source. */
export function detectNamedLines(head: Uint8Array, what: string, reader: NamedLineReader): Detection | undefined {
  const args = new NamedReader(reader.style);
  let lines = 0;
  let events = 0;
  const scanner = new LineScanner({
    line(bytes, start, end) {
      if (start === end) return;
      lines += 1;
      const line = reader.read(bytes, start, end);
      const event = line === undefined ? undefined : args.find(line.name);
      if (line === undefined || event === undefined || event.driver) return;
      if (line.argsStarts.some((at) => args.read(event, bytes, at, line.argsEnd))) events += 1;
    },
    overlong() {
      lines += 1;
    },
  });
  scanner.push(head);
  if (head.length < HEAD_BYTES) scanner.end();
  if (events === 0) return undefined;
  const confidence = LEAST_CONFIDENCE + (1 - LEAST_CONFIDENCE) * (events / lines);
  return { confidence, evidence: `${events} of the first ${lines} lines are ${what} of QEMU's NVMe device` };
}

function firstName(bytes: Uint8Array, start: number, end: number): string {
  let at = start;
  while (at < Math.min(end, start + 100) && isNameByte(bytes[at]!)) at += 1;
  return latin1(bytes, start, at);
}
