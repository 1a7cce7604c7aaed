// A second trace.dat behind the first one, as `cat a.dat b.dat` makes it. Nothing in the first one's tables leads there.

import type { Content } from '../format.js';
import { TableCursor } from './cursor.js';
import { hasMagic, MAGIC } from './initial.js';
import type { Initial } from './initial.js';
import { SECTION_HEADER_BYTES } from './version7.js';
import type { Tables } from './tables.js';

/** A file of version 7 has some ten sections and one for each buffer. */
const MAX_SECTIONS = 20_000;

/** The byte at which another trace.dat begins; undefined when none is found. */
export function findAppended(content: Content, initial: Initial, tables: Tables): number | undefined {
  const end = Math.max(endOfData(tables), initial.version === 6 ? 0 : endOfSections(content, initial));
  const head = Buffer.alloc(MAGIC.length);
  return end + MAGIC.length <= content.bytes && content.read(end, head) === MAGIC.length && hasMagic(head) ? end : undefined;
}

/** In version 6 nothing stands behind the data of the CPUs. */
function endOfData(tables: Tables): number {
  let end = 0;
  for (const { cpus } of tables.buffers) for (const { at, bytes } of cpus) end = Math.max(end, at + bytes);
  return end;
}

/** Version 7: the sections stand one behind the other; the end is where there is no room for one more. */
function endOfSections(content: Content, initial: Initial): number {
  let at = initial.bodyAt;
  for (let n = 0; n < MAX_SECTIONS && at + SECTION_HEADER_BYTES <= content.bytes; n++) {
    const bytes = Number(new TableCursor(content, initial.little, at + 8).big('the size of a section'));
    if (at + SECTION_HEADER_BYTES + bytes > content.bytes) break;
    at += SECTION_HEADER_BYTES + bytes;
  }
  return at;
}
