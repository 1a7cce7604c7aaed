// What `ingest` prints of a trace.

import { basename } from 'node:path';
import { printable, shellWord } from '../base/text.js';
import { formatCount, formatNs, plural } from '../base/units.js';
import { alignmentText } from '../app/alignment-text.js';
import type { IngestedTrace } from '../app/ingest.js';

/** Prints what became of a source, for readers. With the `path` of content that is known under another name, that too. */
export function printIngested(trace: IngestedTrace, print: (line: string) => void, path?: string): void {
  const { read, events, ignored, unknown, rejected, lost } = trace.records;
  const became = `${trace.known ? 'known already' : 'ingested'} as trace ${trace.id}`;
  print(`${printable(trace.name)}: ${became}, ${trace.format}, ${printable(trace.dialect)}`);
  print(
    `  ${formatCount(read)} records = ${formatCount(events)} to events + ${formatCount(ignored)} ignored + ` +
      `${formatCount(unknown)} unknown + ${formatCount(rejected)} rejected; ${formatCount(lost)} lost`,
  );
  if (trace.known && path !== undefined && trace.sources.every(({ source }) => source !== basename(path))) print(`  ${printable(path)} has the same content`);
  const span = trace.span_ns === null ? 'no time stamps' : `${formatNs(trace.span_ns)} on clock ${trace.clock}`;
  print(`  ${plural(trace.event_rows, 'event')}, ${span}`);
  for (const [number, { source, alignment }] of trace.sources.entries()) {
    if (alignment !== null) print(`  source ${number}, ${printable(source)}: ${alignmentText(alignment)}`);
  }
  if (rejected > 0) print(`  why records were rejected: bellwether info ${printable(shellWord(trace.name))}`);
  const unknownNames = Object.entries(trace.unknown).map(([name, n]) => `${printable(name)} ${formatCount(n)}`);
  if (unknownNames.length > 0) print(`  unknown: ${unknownNames.join(', ')}`);
}
