// The tables of a trace.dat of version 7: sections anywhere in the file, found through a chain of options sections.
// [trace-cmd.dat.v7(5)]
//
//   section: id(2) flags(2) description(4) size(8) body; flag 1: the body of a table is compressed, as
//            stored size(4) plain size(4) bytes
// Memory: one section, stored and plain, each at most MAX_SECTION_BYTES. Sections that aren't needed aren't read.

import { formatBytes } from '../../base/units.js';
import type { Content } from '../format.js';
import { Decompressor } from './compression.js';
import { MemoryContent, TableCursor } from './cursor.js';
import { Damage, salvage } from './damage.js';
import type { DamageSink } from './damage.js';
import type { Initial } from './initial.js';
import { OPTION, readOption } from './options.js';
import { readEventSystems, readFtraceEvents, readHeaderInfo } from './sections.js';
import { MAX_CPUS } from './tables.js';
import type { Tables } from './tables.js';

/** The formats of all events of a kernel have some 3 MiB. */
export const MAX_SECTION_BYTES = 32 * 1024 * 1024;
const SECTION_COMPRESSED = 1;
export const SECTION_HEADER_BYTES = 16;
const MAX_OPTIONS_SECTIONS = 1000;

const READERS: ReadonlyMap<number, (cursor: TableCursor, tables: Tables) => void> = new Map([
  [OPTION.headerInfo, readHeaderInfo],
  [OPTION.ftraceEvents, readFtraceEvents],
  [OPTION.eventFormats, readEventSystems],
]);

/** Reads the tables into `tables`; what is damaged is told to `damaged`, and the rest is read all the same. */
export function readVersion7(content: Content, initial: Initial, tables: Tables, damaged: DamageSink): void {
  const visited = new Set<number>();
  let at = initial.optionsAt;
  while (at !== 0) {
    if (visited.has(at) || visited.size === MAX_OPTIONS_SECTIONS) {
      throw new Damage(at, 'the chain of options sections has no end');
    }
    visited.add(at);
    at = readOptions(openSection(content, initial, at, OPTION.done, tables), content, initial, tables, damaged);
  }
}

/** The place of the next options section; 0 for none. */
function readOptions(cursor: TableCursor, content: Content, initial: Initial, tables: Tables, damaged: DamageSink): number {
  for (;;) {
    const id = cursor.u16('the number of an option');
    const bytes = cursor.u32('the size of an option');
    const start = cursor.at;
    cursor.skip(bytes, 'an option');
    const data = new TableCursor(cursor.content, cursor.little, start, cursor.at, cursor.place);
    if (id === OPTION.done) return data.u64('the place of the next options');
    salvage(damaged, () => {
      const reader = READERS.get(id);
      if (reader !== undefined) reader(openSection(content, initial, data.u64('the place of a section'), id, tables), tables);
      else if (id === OPTION.buffer) readBuffer(data, content, initial, tables);
      else if (id === OPTION.bufferText) throw data.damage("a buffer holds text, which isn't read: ingest the output of trace-cmd report");
      else readOption(id, data, tables);
    });
  }
}

/** The body of the section at `at`, decompressed. */
function openSection(content: Content, initial: Initial, at: number, expectedId: number, tables: Tables): TableCursor {
  if (at >= content.bytes) throw new Damage(content.bytes, `a section should begin at byte ${at}, behind the end of the file`);
  const header = new TableCursor(content, initial.little, at);
  const { compressed, bytes } = readSectionHeader(header, expectedId);
  if (bytes > header.left) throw header.damage(`a section has ${bytes} bytes, and the file has ${header.left} more`);
  if (!tables.admit(bytes)) throw header.damage('the sections have no end');
  if (!compressed) return new TableCursor(content, initial.little, header.at, header.at + bytes);

  const storedBytes = header.u32('the stored size of a section');
  const plainBytes = header.u32('the plain size of a section');
  if (storedBytes > header.left) throw header.damage(`a compressed section has ${storedBytes} bytes, and the file has ${header.left} more`);
  if (Math.max(storedBytes, plainBytes) > MAX_SECTION_BYTES) {
    throw header.damage(`a section has ${formatBytes(Math.max(storedBytes, plainBytes))}, more than ${formatBytes(MAX_SECTION_BYTES)}`);
  }
  if (!tables.admit(plainBytes)) throw header.damage('the sections have no end');
  const stored = Buffer.allocUnsafe(storedBytes);
  content.read(header.at, stored);
  const plain = Buffer.alloc(plainBytes);
  const fault = new Decompressor(initial.compression).fill(plain, stored);
  if (fault !== undefined) throw header.damage(fault);
  return new TableCursor(new MemoryContent(plain), initial.little, 0, plainBytes, header.at);
}

function readSectionHeader(cursor: TableCursor, expectedId: number): { readonly compressed: boolean; readonly bytes: number } {
  const id = cursor.u16('the number of a section');
  if (id !== expectedId) throw cursor.damage(`a section has the number ${id}, not ${expectedId}`);
  const flags = cursor.u16('the flags of a section');
  cursor.skip(4, 'the description of a section');
  return { compressed: (flags & SECTION_COMPRESSED) !== 0, bytes: cursor.u64('the size of a section') };
}

/** place(8) name\0 clock\0 page size(4) CPUs(4), for each: CPU(4) place(8) size(8). */
function readBuffer(data: TableCursor, content: Content, initial: Initial, tables: Tables): void {
  const sectionAt = data.u64('the place of a buffer');
  const name = data.string('the name of a buffer');
  const clock = data.string('the clock of a buffer', 256);
  const pageBytes = data.u32('the page size of a buffer');
  const count = data.u32('the number of CPUs of a buffer');
  if (count > MAX_CPUS) throw data.damage(`a buffer has ${count} CPUs, more than ${MAX_CPUS}`);
  const cpus = [];
  for (let i = 0; i < count; i++) {
    cpus.push({
      cpu: data.u32('the number of a CPU'),
      at: data.u64('the place of the data of a CPU'),
      bytes: data.u64('the size of the data of a CPU'),
    });
  }
  // A file that is cut off before its data still tells which CPUs' data are missing.
  const present = sectionAt + SECTION_HEADER_BYTES <= content.bytes;
  const compressed = present
    ? readSectionHeader(new TableCursor(content, initial.little, sectionAt), OPTION.buffer).compressed
    : initial.compression !== 'none';
  const buffer = { name, clock: clock || tables.clock, pageBytes, compressed, cpus };
  if (!tables.addBuffer(buffer)) throw data.damage('the file has too many buffers');
}
