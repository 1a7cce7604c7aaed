// Is this the output of `perf script`? By content only: lines with a task, a time stamp and `system:name:`.

import type { Detection } from '../format.js';
import { scanHead } from '../lines.js';
import type { LineSink } from '../lines.js';
import { EventNames } from './event-name.js';
import { PerfLine } from './perf-line.js';

/** One known event among foreign text suffices; a head full of samples is certain. */
const LEAST_CONFIDENCE = 0.5;
/** Samples of other events only: better than nothing. */
const OTHER_EVENTS_CONFIDENCE = 0.4;

/** Counts what the lines of a head look like; indented lines and comments are no evidence either way. */
class HeadCount implements LineSink {
  lines = 0;
  known = 0;
  other = 0;
  firstName = '';
  private readonly prefix = new PerfLine();
  private readonly names = new EventNames(true);

  line(bytes: Uint8Array, start: number, end: number): void {
    if (!this.prefix.read(bytes, start, end)) {
      if (start < end && bytes[start]! > 0x23) this.lines += 1;
      return;
    }
    this.lines += 1;
    if (!this.names.find(bytes, this.prefix.bodyStart, end)) return;
    if (this.names.event === undefined) {
      this.other += 1;
    } else {
      if (this.known === 0) this.firstName = `${this.names.event.system}:${this.names.name}`;
      this.known += 1;
    }
  }

  overlong(): void {
    this.lines += 1;
  }
}

/** Looks for samples in the first bytes of a source; the head may begin and end inside a line. */
export function detectPerfScript(head: Uint8Array): Detection | undefined {
  const count = new HeadCount();
  scanHead(head, count);
  const { known, other, lines } = count;
  if (known > 0) {
    return {
      confidence: LEAST_CONFIDENCE + (1 - LEAST_CONFIDENCE) * ((known + other) / lines),
      evidence: `${known} of the first ${lines} lines are samples of known events, such as ${count.firstName}`,
    };
  }
  if (other === 0) return undefined;
  return {
    confidence: OTHER_EVENTS_CONFIDENCE * (other / lines),
    evidence: `${other} of the first ${lines} lines are samples as perf script prints them, none of a known event`,
  };
}
