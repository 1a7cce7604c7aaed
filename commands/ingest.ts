import { Args, Flags } from '@oclif/core';
import { printable } from '../src/base/text.js';
import { formatBytes, formatCount, formatNs, formatPercent, plural } from '../src/base/units.js';
import { alignmentText } from '../src/app/alignment-text.js';
import type { IngestedTrace, IngestResult } from '../src/app/ingest.js';
import { BaseCommand, dbFlag, quietFlag } from '../src/cli/base-command.js';

export default class Ingest extends BaseCommand {
  static override summary = 'Read captures into the store.';
  static override description = `Formats and compression are recognised by content.
Every record ends as an event, as a reject, or in a count.
Each source is one transaction: it is in the store with all its rows, or not at all.
Content that the store has already is not written again.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> capture.log',
    '<%= config.bin %> <%= command.id %> captures/ --db review.db',
    'zcat capture.log.gz | <%= config.bin %> <%= command.id %> - --name before',
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ required: true, name: 'FILE...', description: 'Files, directories, or "-" for standard input.' }),
  };
  static override flags = {
    db: dbFlag,
    quiet: quietFlag,
    name: Flags.string({ summary: "Name of the trace [default: the file's name up to its first dot]." }),
    format: Flags.string({ summary: 'Format of the sources, whatever they look like: see "list formats"; or a .json file that declares one.' }),
    'events-file': Flags.string({
      summary: "QEMU's trace-events-all, for binary traces that don't name their events.",
      helpValue: 'FILE',
    }),
    bar: Flags.string({
      summary: "BAR0 of an NVMe controller, for captures of MMIO by address [default: found by the accesses].",
      helpValue: 'ADDR[:SIZE]',
      multiple: true,
      multipleNonGreedy: true,
    }),
    dstrd: Flags.integer({
      summary: 'CAP.DSTRD of the controllers, for captures of MMIO by address [default: as read from CAP, else 0].',
      helpValue: 'N',
      min: 0,
      max: 15,
    }),
    join: Flags.boolean({
      summary: 'Put the sources, captures of one run, on one timeline, as one trace; --name names it.',
    }),
    clock: Flags.string({
      summary: "Clock of the time stamps, of all sources or one [default: as the capture says].",
      helpValue: '[FILE=]NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    offset: Flags.string({
      summary: 'Add this to the time stamps, of all sources or one. With --join the clock is then taken as given, not fitted.',
      helpValue: '[FILE=]SECONDS',
      multiple: true,
      multipleNonGreedy: true,
    }),
    strict: Flags.boolean({ summary: 'Refuse a source with any reject or unknown record.' }),
    'max-rejects': Flags.integer({ summary: 'Refuse a source with more rejects than this.', min: 0, helpValue: 'N' }),
    'max-bytes': Flags.integer({
      summary: 'Refuse a source larger than this after decompression [default: 64 GiB].',
      min: 1,
      helpValue: 'N',
    }),
    force: Flags.boolean({ summary: 'Replace a trace of the same content or of the same --name, and delete its runs.' }),
  };

  async run(): Promise<IngestResult> {
    const { argv, flags } = await this.parse(Ingest);
    const { decodeInThread } = await import('../src/app/decode-thread.js');
    const { ingest } = await import('../src/app/ingest.js');
    const { ingestJoined } = await import('../src/app/join.js');
    const { sourceTimes } = await import('../src/app/source-times.js');
    const paths = argv.map(String);
    const progress = this.progress(flags.quiet);
    try {
      const read = flags.join ? ingestJoined : ingest;
      const result = await read({
        paths,
        times: sourceTimes(paths, flags.clock ?? [], flags.offset ?? []),
        db: flags.db,
        toolVersion: this.config.version,
        name: flags.name,
        format: flags.format,
        eventsFile: flags['events-file'],
        bars: flags.bar,
        dstrd: flags.dstrd,
        strict: flags.strict,
        maxRejects: flags['max-rejects'],
        maxBytes: flags['max-bytes'],
        force: flags.force,
        decode: decodeInThread,
        signal: this.interruption(),
        onProgress: (path, { bytes, totalBytes, records }) => {
          const share = totalBytes === undefined ? formatBytes(bytes) : formatPercent(bytes / totalBytes);
          progress.show(() => `${printable(path)}: ${share}, ${plural(records, 'record')}`);
        },
        onTrace: (trace) => {
          progress.clear();
          this.printTrace(trace);
        },
      });
      if (!flags.quiet) for (const { path, reason } of result.skipped) this.note(`skipped ${path}: ${reason}`);
      return result;
    } finally {
      progress.clear();
    }
  }

  private printTrace(trace: IngestedTrace): void {
    const { read, events, ignored, unknown, rejected, lost } = trace.records;
    const became = `${trace.known ? 'known already' : 'ingested'} as trace ${trace.id}`;
    this.print(`${printable(trace.name)}: ${became}, ${trace.format}, ${printable(trace.dialect)}`);
    this.print(
      `  ${formatCount(read)} records = ${formatCount(events)} to events + ${formatCount(ignored)} ignored + ` +
        `${formatCount(unknown)} unknown + ${formatCount(rejected)} rejected; ${formatCount(lost)} lost`,
    );
    const span = trace.span_ns === null ? 'no time stamps' : `${formatNs(trace.span_ns)} on clock ${trace.clock}`;
    this.print(`  ${plural(trace.event_rows, 'event')}, ${span}`);
    for (const [number, { source, alignment }] of trace.sources.entries()) {
      if (alignment !== null) this.print(`  source ${number}, ${printable(source)}: ${alignmentText(alignment)}`);
    }
    if (rejected > 0) this.print(`  why records were rejected: bellwether info ${printable(trace.name)}`);
    const unknownNames = Object.entries(trace.unknown).map(([name, n]) => `${printable(name)} ${formatCount(n)}`);
    if (unknownNames.length > 0) this.print(`  unknown: ${unknownNames.join(', ')}`);
  }
}
