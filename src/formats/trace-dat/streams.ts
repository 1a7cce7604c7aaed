// The data of all CPUs and buffers of a file as streams, each range checked against the file's size.

import { plural } from '../../base/units.js';
import type { Content } from '../format.js';
import { Decompressor } from './compression.js';
import type { DamageSink } from './damage.js';
import type { Initial } from './initial.js';
import { CpuStream } from './stream.js';
import type { TimeBase } from './stream.js';
import type { BufferTable, Tables } from './tables.js';
import { TimeShift, commonOffset } from './time-shift.js';
import { PageWindow, WindowBudget } from './window.js';

/** Sub-buffers have 512 KiB at most: 128 pages of 4 KiB. */
const MAX_PAGE_BYTES = 1024 * 1024;
/** The number of chunks in front of compressed data; trace-cmd 3.1 leaves it out of their size, 3.3 doesn't. */
const CHUNK_COUNT_BYTES = 4;

/** The streams of a file, each opened but not yet at its first record. */
export interface FileStreams {
  /** Those of the buffers that share the clock, top buffer first, by CPU. */
  readonly merged: readonly CpuStream[];
  /** Those of buffers with another clock than most of the data: they can't be put in order with the rest. */
  readonly apart: readonly { readonly stream: CpuStream; readonly buffer: BufferTable }[];
  /** What the times of `merged` count from: their earliest stamp as recorded, with the shift that all have in common. */
  readonly base: TimeBase;
  /** Name of the shared clock. */
  readonly clock: string;
  /** CPUs of the buffer with the most data. */
  readonly cpus: number;
}

/** Opens the data that the tables name. What lies behind the end of the file is told once. */
export function openStreams(content: Content, initial: Initial, tables: Tables, damaged: DamageSink): FileStreams {
  const base: TimeBase = { high: 0, low: 0 };
  const main = tables.buffers.toSorted((a, b) => dataBytes(b) - dataBytes(a))[0];
  const { layout } = tables;
  const merged: CpuStream[] = [];
  const apart: { stream: CpuStream; buffer: BufferTable }[] = [];
  const shiftedBase: TimeBase = { high: 0, low: 0 };
  const result = { merged, apart, base: shiftedBase, clock: main?.clock ?? tables.clock, cpus: main?.cpus.length ?? tables.cpuCount };
  if (layout === undefined) return result;

  const shifts = tables.timeShifts;
  const common = commonOffset(shifts);
  const shiftOf = (cpu: number): TimeShift | undefined => (shifts.length === 0 ? undefined : new TimeShift(shifts[cpu], base, common));
  const budget = new WindowBudget();
  const decompressor = new Decompressor(initial.compression);
  const missing = new MissingData(content.bytes);
  let earliest: TimeBase | undefined;
  let room = content.bytes;
  for (const buffer of tables.buffers) {
    const { pageBytes } = buffer;
    if (pageBytes <= layout.dataAt || pageBytes > MAX_PAGE_BYTES) {
      damaged(0, `buffer ${JSON.stringify(buffer.name)} has pages of ${pageBytes} bytes`);
      continue;
    }
    for (const { cpu, at, bytes } of buffer.cpus) {
      if (bytes === 0) continue;
      const cut = at + bytes > content.bytes;
      if (cut) missing.add(cpu, at + bytes);
      if (at >= content.bytes) continue;
      const end = Math.min(at + bytes + (buffer.compressed ? CHUNK_COUNT_BYTES : 0), content.bytes);
      room -= Math.min(bytes, content.bytes - at);
      if (room < 0) {
        damaged(at, `the data of CPU ${cpu} overlap others: together they are larger than the file`);
        return result;
      }
      const shared = buffer.compressed ? decompressor : undefined;
      const window = new PageWindow({ content, budget, little: initial.little, decompressor: shared, pageBytes, at, end, cut });
      const stream = new CpuStream({ window, layout, pageBytes, little: initial.little, base, shift: shiftOf(cpu), cut, damaged });
      const first = stream.open();
      if (first === undefined) continue;
      if (buffer.clock !== result.clock) {
        apart.push({ stream, buffer });
        continue;
      }
      merged.push(stream);
      if (earliest === undefined || first.high < earliest.high || (first.high === earliest.high && first.low < earliest.low)) earliest = first;
    }
  }
  missing.report(damaged);
  base.high = earliest?.high ?? 0;
  base.low = earliest?.low ?? 0;
  const shifted = BigInt.asUintN(64, (BigInt(base.high) << 32n) + BigInt(base.low) + common);
  shiftedBase.high = Number(shifted >> 32n);
  shiftedBase.low = Number(shifted & 0xffff_ffffn);
  return result;
}

function dataBytes(buffer: BufferTable): number {
  let sum = 0;
  for (const { bytes } of buffer.cpus) sum += bytes;
  return sum;
}

/** Collects what lies behind the end of the file. */
class MissingData {
  private readonly fileBytes: number;
  private readonly cpus: number[] = [];
  private end = 0;

  constructor(fileBytes: number) {
    this.fileBytes = fileBytes;
  }

  add(cpu: number, end: number): void {
    this.cpus.push(cpu);
    this.end = Math.max(this.end, end);
  }

  report(damaged: DamageSink): void {
    const { cpus, end, fileBytes } = this;
    if (cpus.length === 0) return;
    damaged(fileBytes, `the file is cut off: the data of ${plural(cpus.length, 'CPU')} go on to byte ${end}`);
  }
}
