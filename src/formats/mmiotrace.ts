// The log of the Linux kernel's mmiotrace tracer: every MMIO access of the drivers of one machine, from its trace_pipe.
// [LINUX-6.12 kernel/trace/trace_mmiotrace.c, arch/x86/mm/mmio-mod.c]; the lines are in mmiotrace-line.ts.
// The log names addresses, not devices: bar.ts finds the controllers, with what PCIDEV and MAP say of their BARs.
// What it can't show: shadow doorbells and event indexes are plain memory.

import { latin1 } from '../base/bytes.js';
import { NS_PER_US } from '../base/units.js';
import { ABSENT } from '../trace/batch.js';
import { KIND } from '../trace/event.js';
import { MAX_REJECT_TEXT } from '../trace/tally.js';
import { BAR_ALIGNMENT } from './bar-candidate.js';
import { BarFinder } from './bar.js';
import { HEAD_BYTES } from './format.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, Detection, TraceFormat } from './format.js';
import { LineScanner } from './lines.js';
import type { LineSink } from './lines.js';
import { MMIOTRACE_VERSION, readMmiotraceLine } from './mmiotrace-line.js';
import type { LineTime } from './mmiotrace-line.js';
import { TimeOrigin } from './origin.js';

/** Records have below 150 bytes; a mark can hold what its author wrote to trace_marker, at most a page. */
const MAX_LINE_BYTES = 64 * 1024;

/** Counts each line once. */
class MmiotraceDecoder implements StreamDecoder, LineSink {
  private readonly scanner = new LineScanner(this, MAX_LINE_BYTES);
  private readonly target: DecodeTarget;
  private readonly finder: BarFinder;
  private readonly origin = new TimeOrigin();
  /** Time of the last record that has one. */
  private lastNs = NaN;
  private version = '';

  constructor(target: DecodeTarget) {
    this.target = target;
    this.finder = new BarFinder(target);
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
  }

  end(): DecodeSummary {
    this.scanner.end();
    this.finder.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    return {
      clock: this.origin.known ? 'trace' : 'none',
      originNs: this.origin.originNs,
      dialect: `Linux mmiotrace${this.version === '' ? '' : ` ${this.version}`}; ${this.finder.evidence}`,
    };
  }

  line(bytes: Uint8Array, start: number, end: number, place: number, terminated: boolean): void {
    const { tally } = this.target;
    tally.read += 1;
    const text = latin1(bytes, start, end);
    const line = readMmiotraceLine(text, terminated);
    if ('time' in line && !this.setTime(line.time)) {
      tally.reject(place, 'the time stamp is more than 104 days away from the first one', text);
      return;
    }
    switch (line.kind) {
      case 'access':
        this.finder.access(line.address, line.size, line.value, line.write, { timeNs: this.lastNs, thread: ABSENT, place });
        break;
      case 'map':
        // What is mapped elsewhere in a BAR is the MSI-X table.
        if (line.address % BAR_ALIGNMENT === 0) this.finder.knowMapping(line.address, line.length);
        tally.ignore('MAP');
        break;
      case 'pcidev':
        if (line.memory) this.finder.knowSize(line.base, line.size);
        if (line.memory && line.driver === 'nvme') this.finder.claim(line.base, 'PCIDEV names the driver nvme');
        tally.ignore('PCIDEV');
        break;
      case 'mark':
        this.add(KIND.mark, NaN, place);
        break;
      case 'lost':
        this.add(KIND.lost, line.events, place);
        tally.lost += Number.isNaN(line.events) ? 0 : line.events;
        break;
      case 'version':
        this.version = line.version;
        tally.ignore('VERSION');
        break;
      case 'ignored':
        tally.ignore(line.name);
        break;
      case 'unknown':
        tally.unknown(line.name);
        break;
      case 'rejected':
        tally.reject(place, line.reason, text.slice(0, MAX_REJECT_TEXT));
        break;
    }
  }

  overlong(bytes: Uint8Array, start: number, end: number, place: number): void {
    this.target.tally.read += 1;
    this.target.tally.reject(place, `the line is longer than ${MAX_LINE_BYTES} bytes`, latin1(bytes, start, end));
  }

  private setTime({ seconds, microseconds }: LineTime): boolean {
    const timeNs = this.origin.relativeNs(seconds, microseconds * NS_PER_US);
    if (Number.isNaN(timeNs)) return false;
    this.lastNs = timeNs;
    return true;
  }

  private add(kind: number, value: number, place: number): void {
    const { writer } = this.finder;
    const row = writer.add(kind, this.lastNs);
    writer.batch.value[row] = value;
    writer.batch.place[row] = place;
    this.target.tally.events += 1;
  }
}

/** Counts what the lines of a head are. */
class HeadCount implements LineSink {
  lines = 0;
  records = 0;
  accesses = 0;
  version = false;

  line(bytes: Uint8Array, start: number, end: number, _place: number, terminated: boolean): void {
    const line = readMmiotraceLine(latin1(bytes, start, end), terminated);
    if (line.kind === 'ignored' && line.name === '(blank)') return;
    this.lines += 1;
    if (line.kind === 'version' && line.version === MMIOTRACE_VERSION) this.version = true;
    if (line.kind === 'access' || line.kind === 'map') this.accesses += 1;
    if (line.kind === 'access' || line.kind === 'map' || line.kind === 'pcidev' || line.kind === 'mark') this.records += 1;
  }

  overlong(): void {
    this.lines += 1;
  }
}

function detect(head: Uint8Array): Detection | undefined {
  const count = new HeadCount();
  const scanner = new LineScanner(count, MAX_LINE_BYTES);
  scanner.push(head);
  if (head.length < HEAD_BYTES) scanner.end();
  if (count.version) return { confidence: 1, evidence: `a line says VERSION ${MMIOTRACE_VERSION}` };
  if (count.accesses === 0) return undefined;
  return {
    confidence: 0.5 + 0.5 * (count.records / count.lines),
    evidence: `${count.records} of the first ${count.lines} lines are records of mmiotrace`,
  };
}

/** The Linux kernel's mmiotrace log. */
export const mmiotrace: TraceFormat = {
  id: 'mmiotrace',
  title: "Linux mmiotrace log: a driver's MMIO reads and writes",
  detect,
  open: (target) => new MmiotraceDecoder(target),
};
