// What the tables of a trace.dat say, in either version. Filled while they are read: after a damage it holds the rest.

import type { EventField } from './event-format.js';
import { parseEventFields, parseEventHead } from './event-format.js';
import type { PageLayout } from './page-layout.js';
import type { ShiftTable } from './time-shift.js';

/** The data of one CPU in one buffer. */
export interface CpuData {
  readonly cpu: number;
  /** Byte of the file. */
  readonly at: number;
  /** Size in the file. */
  readonly bytes: number;
}

/** One ring buffer: the top one, or an instance. */
export interface BufferTable {
  /** "" for the top buffer. */
  readonly name: string;
  readonly clock: string;
  readonly pageBytes: number;
  readonly compressed: boolean;
  readonly cpus: readonly CpuData[];
}

/** Turns a counter into nanoseconds: ns = count * mult >> shift. */
export interface CounterRate {
  readonly mult: bigint;
  readonly shift: bigint;
}

/** An event that the traced kernel had. */
export interface EventEntry {
  readonly system: string;
  readonly name: string;
  /** Undefined for events that nothing here reads. */
  readonly fields: ReadonlyMap<string, EventField> | undefined;
}

/** Events whose fields are kept, at most: a file can claim that all 65536 are ours. */
const MAX_KEPT_FIELDS = 1024;
/** CPUs and buffers of a file, at most: two buffers on the largest machine. */
const MAX_CPU_TABLES = 16_384;
/** All tables of a file, decompressed; a kernel's have some 15 MiB. */
const MAX_TABLE_BYTES = 128 * 1024 * 1024;

/** Linux's NR_CPUS is 8192 at most. */
export const MAX_CPUS = 8192;

export class Tables {
  layout: PageLayout | undefined;
  readonly buffers: BufferTable[] = [];
  /** Bytes of the tables that have been read. */
  private tableBytes = 0;
  private cpuTables = 0;
  /** By id. */
  readonly events = new Map<number, EventEntry>();
  /** CPUs of the traced machine. */
  cpuCount = 0;
  /** Name of the trace clock of the top buffer; "" when the file doesn't say. */
  clock = '';
  /** Nanoseconds to add to every stamp. */
  offsetNs = 0n;
  /** The offset makes wall-clock time: trace-cmd record --date. */
  hasDate = false;
  counterRate: CounterRate | undefined;
  /** By CPU: from a guest's stamps to its host's clock. Empty when the file says nothing of it. */
  timeShifts: readonly (ShiftTable | undefined)[] = [];
  /** Records that the kernel dropped because a buffer was full; no mark in the data shows them. */
  dropped = 0;
  private readonly wanted: (system: string, name: string) => boolean;
  private kept = 0;

  /** Keeps the fields of the events that are `wanted`. */
  constructor(wanted: (system: string, name: string) => boolean) {
    this.wanted = wanted;
  }

  /** Takes a buffer; false when the file has more of them than any machine. */
  addBuffer(buffer: BufferTable): boolean {
    this.cpuTables += buffer.cpus.length + 1;
    if (this.cpuTables > MAX_CPU_TABLES) return false;
    this.buffers.push(buffer);
    return true;
  }

  /** Whether a table of `bytes` bytes may still be read: a small file can point to its tables again and again. */
  admit(bytes: number): boolean {
    this.tableBytes += bytes;
    return this.tableBytes <= MAX_TABLE_BYTES;
  }

  /** Takes the format text of an event. */
  addEvent(system: string, text: string): void {
    const head = parseEventHead(text);
    if (head === undefined) return;
    const keep = this.kept < MAX_KEPT_FIELDS && this.wanted(system, head.name);
    if (keep) this.kept += 1;
    this.events.set(head.id, { system, name: head.name, fields: keep ? parseEventFields(text) : undefined });
  }
}
