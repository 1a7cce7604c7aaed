// The event ftrace:print as trace-cmd and perf show it: the function that wrote, a colon, what a program wrote to trace_marker.

import { ascii, indexOfLiteral, matchesAt } from '../../base/bytes.js';

const MARK_WRITE = ascii('tracing_mark_write: ');
const SPACE_COLON = ascii(': ');

/** Where in [start, end) the program's text begins; -1 when no function stands before it: then the kernel wrote it, with trace_printk. */
export function printTextStart(bytes: Uint8Array, start: number, end: number): number {
  if (matchesAt(bytes, start, end, MARK_WRITE)) return start + MARK_WRITE.length;
  const behind = indexOfLiteral(bytes, start, end, SPACE_COLON);
  return behind === -1 ? -1 : behind + SPACE_COLON.length;
}
