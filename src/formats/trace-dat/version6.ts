// The tables of a trace.dat of version 6: one after the other, without padding. [trace-cmd.dat.v6(5)]
//
//   header_page, header_event, ftrace events, event systems, kallsyms, printk formats, command lines, CPUs,
//   "options  ": options; "flyrecord": a place and a size for each CPU; the trace clock;   at page boundaries: the data

import { inputError } from '../../base/errors.js';
import { plural } from '../../base/units.js';
import type { Content } from '../format.js';
import { TableCursor } from './cursor.js';
import { salvage } from './damage.js';
import type { DamageSink } from './damage.js';
import type { Initial } from './initial.js';
import { OPTION, readOption, selectedClock } from './options.js';
import { readEventSystems, readFtraceEvents, readHeaderInfo } from './sections.js';
import { MAX_CPUS } from './tables.js';
import type { CpuData, Tables } from './tables.js';

/** Buffers beside the top one, at most. */
const MAX_INSTANCES = 1000;

interface Instance {
  readonly at: number;
  readonly name: string;
}

/** Reads the tables into `tables`. Throws Damage where they break off; what came before is kept. An option that is damaged in itself is told to `damaged`. */
export function readVersion6(content: Content, initial: Initial, tables: Tables, damaged: DamageSink): void {
  const cursor = new TableCursor(content, initial.little, initial.bodyAt);
  readHeaderInfo(cursor, tables);
  readFtraceEvents(cursor, tables);
  readEventSystems(cursor, tables);
  cursor.skip(cursor.u32('the size of kallsyms'), 'kallsyms');
  cursor.skip(cursor.u32('the size of the printk formats'), 'the printk formats');
  cursor.skip(cursor.u64('the size of the command lines'), 'the command lines');
  tables.cpuCount = cursor.u32('the number of CPUs');
  const instances: Instance[] = [];
  const clock = readBuffer(cursor, initial, tables, damaged, '', instances);
  if (clock !== '') tables.clock = clock;
  for (const { at, name } of instances) {
    readBuffer(new TableCursor(content, initial.little, at), initial, tables, damaged, name, undefined);
  }
}

/** Options, table of CPUs and clock of a buffer; returns the clock. `instances` collects those that the top buffer names. */
function readBuffer(cursor: TableCursor, initial: Initial, tables: Tables, damaged: DamageSink, name: string, instances: Instance[] | undefined): string {
  const cpusBefore = tables.cpuCount;
  let hasClock = false;
  let part = partName(cursor);
  if (part === 'options') {
    hasClock = readOptions(cursor, tables, damaged, instances);
    part = partName(cursor);
  }
  if (part === 'latency') {
    throw inputError('the trace.dat holds the text of a latency tracer, no ring buffers', {
      suggestions: ["Ingest the text that 'trace-cmd report' prints of it."],
    });
  }
  if (part !== 'flyrecord') throw cursor.damage(`${JSON.stringify(part)} stands where options or data are expected`);
  const count = tables.cpuCount;
  if (count > MAX_CPUS) throw cursor.damage(`the file has ${plural(count, 'CPU')}, more than ${MAX_CPUS}`);
  const cpus: CpuData[] = [];
  for (let cpu = 0; cpu < count; cpu++) {
    cpus.push({ cpu, at: cursor.u64('the place of the data of a CPU'), bytes: cursor.u64('the size of the data of a CPU') });
  }
  // An option of an instance is about the instance.
  tables.cpuCount = instances === undefined ? cpusBefore : count;
  const clock = hasClock && cursor.left > 0 ? selectedClock(cursor.sizedText('the trace clock')) : '';
  const buffer = { name, clock: clock || tables.clock, pageBytes: initial.pageBytes, compressed: false, cpus };
  if (!tables.addBuffer(buffer)) throw cursor.damage('the file has too many buffers');
  return clock;
}

function partName(cursor: TableCursor): string {
  return cursor.take(10, 'the name of a part').toString('latin1').replace(/[ \0]+$/, '');
}

/** Whether the trace clock is named behind the table. */
function readOptions(cursor: TableCursor, tables: Tables, damaged: DamageSink, instances: Instance[] | undefined): boolean {
  let hasClock = false;
  for (;;) {
    const id = cursor.u16('the number of an option');
    if (id === OPTION.done) return hasClock;
    const bytes = cursor.u32('the size of an option');
    const start = cursor.at;
    cursor.skip(bytes, 'an option');
    if (!tables.admit(bytes + 6)) throw cursor.damage('the options have no end');
    const data = new TableCursor(cursor.content, cursor.little, start, cursor.at);
    if (id === OPTION.traceClock) hasClock = true;
    if (id === OPTION.buffer && instances !== undefined && instances.length < MAX_INSTANCES) {
      instances.push({ at: data.u64('the place of a buffer'), name: data.string('the name of a buffer') });
    }
    salvage(damaged, () => readOption(id, data, tables));
  }
}
