// Is this ftrace text? By content only: lines with a task, a CPU, a time stamp and an event's name.

import type { Detection } from '../format.js';
import { scanHead } from '../lines.js';
import type { LineSink } from '../lines.js';
import { EventNames } from './event-name.js';
import { FtraceLine } from './ftrace-line.js';
import { FtraceNotes } from './ftrace-notes.js';

/** One record with a known event among foreign text suffices; a head full of them is certain. */
const LEAST_CONFIDENCE = 0.5;
/** Records of other events only: better than nothing. */
const OTHER_EVENTS_CONFIDENCE = 0.4;
/** A header without any record behind it. */
const HEADER_CONFIDENCE = 0.1;

/** What trace-cmd calls the records of the tracers function and function_graph. */
const FUNCTION_RECORDS: readonly string[] = ['function', 'funcgraph_entry', 'funcgraph_exit'];
/** Such a trace shows calls; the way to events is named with the evidence. */
const FUNCTION_TRACER = '; a function tracer records calls: capture events instead, such as trace-cmd record -e nvme -e kvm';

/** Counts what the lines of a head look like. */
class HeadCount implements LineSink {
  lines = 0;
  known = 0;
  other = 0;
  firstName = '';
  /** A record of a function tracer was among them. */
  functions = false;
  readonly notes = new FtraceNotes();
  private readonly prefix = new FtraceLine();
  private readonly names = new EventNames(false);

  line(bytes: Uint8Array, start: number, end: number): void {
    if (!this.prefix.read(bytes, start, end)) {
      if (this.notes.read(bytes, start, end) === 'text') this.lines += 1;
      return;
    }
    this.lines += 1;
    if (!this.names.find(bytes, this.prefix.bodyStart, end)) return;
    if (this.names.event === undefined) {
      this.other += 1;
      if (FUNCTION_RECORDS.includes(this.names.name)) this.functions = true;
    } else {
      if (this.known === 0) this.firstName = this.names.name;
      this.known += 1;
    }
  }

  overlong(): void {
    this.lines += 1;
  }
}

/** Looks for ftrace records in the first bytes of a source; the head may begin and end inside a line. */
export function detectFtrace(head: Uint8Array): Detection | undefined {
  const count = new HeadCount();
  scanHead(head, count);
  const { known, other, lines } = count;
  if (known > 0) {
    return {
      confidence: LEAST_CONFIDENCE + (1 - LEAST_CONFIDENCE) * ((known + other) / lines),
      evidence: `${known} of the first ${lines} lines are ftrace records of known events, such as ${count.firstName}`,
    };
  }
  if (other > 0) {
    return {
      confidence: OTHER_EVENTS_CONFIDENCE * (other / lines),
      evidence: `${other} of the first ${lines} lines are ftrace records, none of them of a known event${count.functions ? FUNCTION_TRACER : ''}`,
    };
  }
  const { tracer } = count.notes;
  if (tracer === undefined) return undefined;
  const functions = tracer.startsWith('function') ? FUNCTION_TRACER : '';
  return { confidence: HEADER_CONFIDENCE, evidence: `the header of ftrace's file trace (tracer ${tracer}), and no record of an event${functions}` };
}
