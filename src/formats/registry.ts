// The formats that Bellwether reads, and the choice among them by content.

import type { Detection, TraceFormat } from './format.js';
import { isArchive } from './near-misses.js';
import { ftrace } from './linux/ftrace.js';
import { perfScript } from './linux/perf-script.js';
import { mmiotrace } from './mmiotrace.js';
import { qemuLog } from './qemu/log.js';
import { lttngText } from './qemu/lttng-text.js';
import { qemuSimple } from './qemu/simple.js';
import { qemuSimpletraceText } from './qemu/simpletrace-text.js';
import { qemuStap } from './qemu/stap.js';
import { qemuSyslog } from './qemu/syslog.js';
import { traceDat } from './trace-dat/trace-dat.js';

/** Every format, in the order in which `list formats` shows them. */
export const FORMATS: readonly TraceFormat[] = [qemuLog, qemuSimple, qemuSyslog, qemuStap, qemuSimpletraceText, lttngText, mmiotrace, ftrace, perfScript, traceDat];

/** The format whose detection is most confident of these first bytes, or undefined when none knows them. */
export function detectFormat(head: Uint8Array): { format: TraceFormat; detection: Detection } | undefined {
  // An archive has the lines of its files, and they would be taken for one capture.
  if (isArchive(head)) return undefined;
  let best: { format: TraceFormat; detection: Detection } | undefined;
  for (const format of FORMATS) {
    const detection = format.detect(head);
    if (detection !== undefined && detection.confidence > (best?.detection.confidence ?? 0)) best = { format, detection };
    // Nothing exceeds it, and each look costs milliseconds.
    if (best?.detection.confidence === 1) break;
  }
  return best;
}

/** What the places of a format's records count; of one that is not registered, as a declared one, lines. */
export function placeUnit(id: string): 'line' | 'byte' {
  return FORMATS.find((format) => format.id === id)?.places === 'bytes' ? 'byte' : 'line';
}

/** The format with the given id, or undefined. */
export function formatNamed(id: string): TraceFormat | undefined {
  return FORMATS.find((format) => format.id === id);
}
