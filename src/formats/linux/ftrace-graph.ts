// Lines of the tracer function_graph, which shows events as comments. [LINUX kernel/trace/trace_functions_graph.c]
//
//    0)   0.321 us    |  mutex_unlock();
//    0)               |  /* nvme_sq: nvme0: disk=nvme0n1, qid=1, head=79, tail=79 */
//     812.004417 |   2)    fio-2211    |               |  /* nvme_sq: ... */      with funcgraph-abstime and funcgraph-proc
//  ------------------------------------------
//    0)    fio-2211    =>   <idle>-0                                              another task, on that CPU
//
// Time and task stand on the line only with these options.

import { LOWER_A, SPACE, ascii, indexOfLiteral, isDigit, latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';

const CLOSING = 0x29;
const DASH = 0x2d;
const NS_PER_US = 1000;
const COMMENT = ascii('/* ');
const COMMENT_END = ascii(' */');
/** What stands before a comment: time, CPU, task with process, flags of the option latency-format, duration. */
const PREFIX = /^\s*(?:(\d{1,15})\.(\d{6}) \|\s+)?\d+\) (?:\s*\S.{0,15}?-(\d{1,10})\s+(?:\|\s+\S{3,9}\s+)?\|)?/;
const MAX_PREFIX_BYTES = 128;

/** Whether a line is one of function_graph; `start` is its first byte that isn't a blank. */
export function isGraphLine(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at] === DASH) at += 1;
  if (at > start) return at - start > 30 && at === end;
  at = digitsEnd(bytes, start, end);
  if (at === start) return false;
  // `812.004417 |   2) `
  if (at + 9 < end && bytes[at] === 0x2e && digitsEnd(bytes, at + 1, end) === at + 7 && bytes[at + 8] === 0x7c) {
    at += 9;
    while (at < end && bytes[at] === SPACE) at += 1;
    at = digitsEnd(bytes, at, end);
  }
  return at + 1 < end && bytes[at] === CLOSING && bytes[at + 1] === SPACE;
}

/** Reads the comment of a line. One belongs to one decoder. */
export class GraphComment {
  /** NaN when the line shows no time. */
  seconds = NaN;
  nanoseconds = NaN;
  /** ABSENT when the line shows no task. */
  pid: number = ABSENT;
  /** The event's name and text, without what makes them a comment. */
  start = 0;
  end = 0;
  /** Whether the comment ends on the line. */
  whole = false;

  /** Whether [start, end) has a comment that begins as an event's name does. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const comment = indexOfLiteral(bytes, start, end, COMMENT);
    if (comment === -1) return false;
    this.start = comment + COMMENT.length;
    if (this.start >= end || (bytes[this.start]! | 0x20) < LOWER_A) return false;
    const commentEnd = end - COMMENT_END.length;
    this.whole = commentEnd > this.start && indexOfLiteral(bytes, commentEnd, end, COMMENT_END) === commentEnd;
    this.end = this.whole ? commentEnd : end;
    const prefix = PREFIX.exec(latin1(bytes, start, Math.min(comment, start + MAX_PREFIX_BYTES)));
    this.seconds = Number(prefix?.[1] ?? NaN);
    this.nanoseconds = Number(prefix?.[2] ?? NaN) * NS_PER_US;
    this.pid = Number(prefix?.[3] ?? ABSENT);
    return true;
  }
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes[at]!)) at += 1;
  return at;
}
