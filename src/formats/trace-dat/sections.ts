// The parts of a trace.dat that both versions have, under another header: the page layout and the event formats.
// [trace-cmd.dat.v6(5), trace-cmd.dat.v7(5)]

import { MAX_PIECE_BYTES } from './cursor.js';
import type { TableCursor } from './cursor.js';
import { checkEventHeader, parsePageHeader } from './page-layout.js';
import type { Tables } from './tables.js';

/** The system of ftrace's own events. */
const FTRACE = 'ftrace';
const HEADER_PAGE = 'header_page';
const HEADER_EVENT = 'header_event';

/** `header_page` and `header_event`. */
export function readHeaderInfo(cursor: TableCursor, tables: Tables): void {
  expectName(cursor, HEADER_PAGE);
  tables.layout = parsePageHeader(cursor.sizedText(HEADER_PAGE));
  expectName(cursor, HEADER_EVENT);
  checkEventHeader(cursor.sizedText(HEADER_EVENT));
}

function expectName(cursor: TableCursor, name: string): void {
  const found = cursor.string(`the name of ${name}`, 32);
  if (found !== name) throw cursor.damage(`${JSON.stringify(found)} stands where ${name} is expected`);
}

/** The formats of ftrace's own events. */
export function readFtraceEvents(cursor: TableCursor, tables: Tables): void {
  readFormats(cursor, FTRACE, tables);
}

/** The formats of all other events, by system. */
export function readEventSystems(cursor: TableCursor, tables: Tables): void {
  const systems = cursor.u32('the number of event systems');
  for (let i = 0; i < systems; i++) readFormats(cursor, cursor.string('the name of an event system', 256), tables);
}

/** A loop over a count from the file ends where the bytes do: each format takes eight or more. */
function readFormats(cursor: TableCursor, system: string, tables: Tables): void {
  const count = cursor.u32(`the number of events of ${system}`);
  for (let i = 0; i < count; i++) {
    const bytes = cursor.u64('the size of an event format');
    if (bytes > MAX_PIECE_BYTES) cursor.skip(bytes, 'an event format');
    else tables.addEvent(system, cursor.text(bytes, 'an event format'));
  }
}
