// Is this a QEMU log? By content only: lines that are whole NVMe device events from their first byte on.
// Text of other tools that carries the same events behind something else (ftrace, syslog, perf) has no such line.

import type { Detection } from '../format.js';
import { scanHead } from '../lines.js';
import type { LineSink } from '../lines.js';
import { BLANK, RecordReader } from './record.js';

/** One whole device event among foreign text suffices; a head full of them is certain. */
const LEAST_CONFIDENCE = 0.5;
/** A QEMU log whose head shows only other subsystems: better than nothing, worse than any real finding. */
const OTHER_SUBSYSTEMS_CONFIDENCE = 0.2;

/** Counts what the lines of a head look like. */
class HeadCount implements LineSink {
  lines = 0;
  deviceEvents = 0;
  otherEvents = 0;
  firstName = '';
  private readonly record = new RecordReader();

  line(bytes: Uint8Array, start: number, end: number, _lineNumber: number, terminated: boolean): void {
    const found = this.record.read(bytes, start, end, terminated);
    if (found === 'ignored' && this.record.name === BLANK) return;
    this.lines += 1;
    if (found === 'mapped' || found === 'counted') {
      if (this.deviceEvents === 0) this.firstName = this.record.name;
      this.deviceEvents += 1;
    } else if (found === 'unknown' && this.record.prefix.style === 'thread') {
      this.otherEvents += 1;
    }
  }

  overlong(): void {
    this.lines += 1;
  }
}

/** Looks for device events in the first bytes of a source; the head may end inside a line. */
export function detectQemuLog(head: Uint8Array): Detection | undefined {
  const count = new HeadCount();
  scanHead(head, count);
  if (count.deviceEvents > 0) {
    return {
      confidence: LEAST_CONFIDENCE + (1 - LEAST_CONFIDENCE) * (count.deviceEvents / count.lines),
      evidence: `${count.deviceEvents} of the first ${count.lines} lines are events of QEMU's NVMe device, such as ${count.firstName}`,
    };
  }
  if (count.otherEvents > 0) {
    return {
      confidence: OTHER_SUBSYSTEMS_CONFIDENCE * (count.otherEvents / count.lines),
      evidence: `${count.otherEvents} of the first ${count.lines} lines are QEMU trace events, none of them of the NVMe device`,
    };
  }
  return undefined;
}
