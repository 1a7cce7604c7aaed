// Detection of formats whose lines are a prefix and then the text record of a device event.

import type { Detection } from '../format.js';
import { scanHead } from '../lines.js';
import type { RecordReader } from './record.js';

/** One such line suffices; a head full of them is certain. */
const LEAST_CONFIDENCE = 0.5;

/** Where the record begins on a line; -1 when the line has no such prefix. */
type RecordStart = (bytes: Uint8Array, start: number, end: number) => number;

/** Counts the lines of a head that are the prefix and a device event; the head may end inside a line. */
export function detectLines(head: Uint8Array, what: string, record: RecordReader, recordStart: RecordStart): Detection | undefined {
  let lines = 0;
  let events = 0;
  scanHead(head, {
    line(bytes, start, end, _lineNumber, terminated) {
      if (start === end) return;
      lines += 1;
      const at = recordStart(bytes, start, end);
      const found = at === -1 ? 'ignored' : record.read(bytes, at, end, terminated);
      if (found === 'mapped' || found === 'counted') events += 1;
    },
    overlong() {
      lines += 1;
    },
  });
  if (events === 0) return undefined;
  return {
    confidence: LEAST_CONFIDENCE + (1 - LEAST_CONFIDENCE) * (events / lines),
    evidence: `${events} of the first ${lines} lines are ${what} of QEMU's NVMe device`,
  };
}
