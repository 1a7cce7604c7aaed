import { Args, Flags } from '@oclif/core';
import { printable } from '../src/base/text.js';
import { formatBytes, formatCount, formatPercent, plural } from '../src/base/units.js';
import { usageError } from '../src/base/errors.js';
import type { FollowEnd } from '../src/app/following.js';
import type { IngestOptions, IngestResult } from '../src/app/ingest.js';
import { BaseCommand, dbFlag, quietFlag } from '../src/cli/base-command.js';
import { printIngested } from '../src/cli/ingest-report.js';
import type { ProgressLine } from '../src/cli/progress.js';

const DEFAULT_INTERVAL_S = '1';
const LEAST_S = 0.1;

/** Ends that a user doesn't expect. */
const SURPRISES: Readonly<Partial<Record<FollowEnd, string>>> = {
  'file shrunk': 'the file got shorter; what it held before is kept',
  'file replaced': 'another file has taken its place; what the first one held is kept',
  'file removed': 'the file was moved or removed; what it held is kept',
  'size limit': 'the limit of --max-bytes is reached; what came before is kept',
};

/** Flags that decide how the sources are read. */
interface ModeFlags {
  readonly join: boolean;
  readonly quiet: boolean;
  readonly interval?: string | undefined;
  readonly idle?: string | undefined;
}

export default class Ingest extends BaseCommand {
  static override summary = 'Read captures into the store.';
  static override description = `Formats and compression are recognised by content.
Every record ends as an event, as a reject, or in a count.
Each source is one transaction: it is in the store with all its rows, or not at all.
With --follow there is one at each interval: the store always has what has come so far.
Content that the store has already is not written again.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> capture.log',
    '<%= config.bin %> <%= command.id %> captures/ --db review.db',
    'cat /sys/kernel/tracing/trace_pipe | <%= config.bin %> <%= command.id %> --follow - --name live',
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
    follow: Flags.boolean({
      char: 'f',
      summary: 'Follow one source that still grows, a log or a pipe, until it ends or Ctrl-C; the store is kept up to date.',
      exclusive: ['join'],
    }),
    interval: Flags.string({
      summary: `With --follow: time between two updates of the store [default: ${DEFAULT_INTERVAL_S}].`,
      helpValue: 'SECONDS',
      dependsOn: ['follow'],
    }),
    idle: Flags.string({ summary: 'With --follow: end when nothing has come for so long.', helpValue: 'SECONDS', dependsOn: ['follow'] }),
    force: Flags.boolean({ summary: 'Replace a trace of the same content or of the same --name, and delete its runs.' }),
  };

  async run(): Promise<IngestResult> {
    const { argv, flags } = await this.parse(Ingest);
    const { sourceTimes } = await import('../src/app/source-times.js');
    const paths = argv.map(String);
    const options = {
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
    };
    const progress = this.progress(flags.quiet);
    try {
      return flags.follow ? await this.follow(options, flags, progress) : await this.ingest(options, flags, progress);
    } finally {
      progress.clear();
    }
  }

  private async ingest(options: IngestOptions, flags: ModeFlags, progress: ProgressLine): Promise<IngestResult> {
    const { ThreadedDecoder } = await import('../src/app/decode-thread.js');
    const decoder = new ThreadedDecoder();
    decoder.standByFor(options.paths);
    const ingest = flags.join ? (await import('../src/app/join.js')).ingestJoined : (await import('../src/app/ingest.js')).ingest;
    const result = await ingest({
      ...options,
      decode: decoder.decode,
      signal: this.interruption(),
      onProgress: (path, { bytes, totalBytes, records }) => {
        const share = totalBytes === undefined ? formatBytes(bytes) : formatPercent(bytes / totalBytes);
        progress.show(() => `${printable(path)}: ${share}, ${plural(records, 'record')}`);
      },
      onTrace: (trace, path) => {
        progress.clear();
        printIngested(trace, (line) => this.print(line), path);
      },
    });
    if (!flags.quiet) for (const { path, reason } of result.skipped) this.note(`skipped ${path}: ${reason}`);
    return result;
  }

  private async follow(options: IngestOptions, flags: ModeFlags, progress: ProgressLine): Promise<IngestResult> {
    const { follow } = await import('../src/app/follow.js');
    const result = await follow({
      ...options,
      intervalMs: milliseconds('--interval', flags.interval ?? DEFAULT_INTERVAL_S),
      idleMs: flags.idle === undefined ? undefined : milliseconds('--idle', flags.idle),
      signal: this.interruption(['SIGINT', 'SIGTERM']),
      onProgress: ({ bytes, records, events, recordsPerSecond }) => {
        const rate = formatCount(Math.round(recordsPerSecond));
        progress.show(() => `${formatBytes(bytes)}, ${plural(records, 'record')}, ${plural(events, 'event')}, ${rate} records/s; Ctrl-C ends`);
      },
    });
    progress.clear();
    for (const trace of result.traces) printIngested(trace, (line) => this.print(line));
    const surprise = SURPRISES[result.ended];
    if (surprise !== undefined) this.note(`ended: ${surprise}`);
    return result;
  }
}

/** Throws a usage error for what is no number of seconds, whole or decimal. */
function milliseconds(flag: string, seconds: string): number {
  const ms = /^\d{1,6}(?:\.\d{1,3})?$/.test(seconds) ? Number(seconds) * 1000 : NaN;
  if (ms >= LEAST_S * 1000) return ms;
  throw usageError(`${flag} ${seconds} is no number of seconds from ${LEAST_S} up`, ['Write it as 5 or 0.5.']);
}
