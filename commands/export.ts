import { Args, Flags } from '@oclif/core';
import { usageError } from '../src/base/errors.js';
import { printable } from '../src/base/text.js';
import { formatBytes, plural } from '../src/base/units.js';
import { EXPORT_FORMATS, EXPORTABLE, STDOUT, isTextFormat } from '../src/app/export-names.js';
import type { ExportResult } from '../src/app/export.js';
import { BaseCommand, dbFlag, quietFlag } from '../src/cli/base-command.js';

export default class Export extends BaseCommand {
  static override summary = 'Write the rows of a trace or a run to a file that other tools open.';
  static override description = `The file's ending says the format: .arrow (Arrow IPC file), .arrows (Arrow IPC stream), .parquet, .csv, .jsonl (JSON lines).
Columns are those of the documented views, which "schema" shows. Times are integer nanoseconds.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o events.parquet',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --what commands -o commands.arrow',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --what doorbells --format csv -o - | head',
  ];
  static override args = {
    subject: Args.string({ required: true, description: 'Name, number or SHA-256 of a trace, or name or number of a run.' }),
  };
  static override flags = {
    db: dbFlag,
    output: Flags.string({ char: 'o', required: true, summary: 'File to write; its ending says the format. "-" is standard output.', helpValue: 'FILE' }),
    what: Flags.option({ options: EXPORTABLE, summary: 'View whose rows are written [default: events of a trace, runs of a run].' })(),
    format: Flags.option({ options: EXPORT_FORMATS, summary: 'Format, for standard output.' })(),
    force: Flags.boolean({ summary: 'Replace a file that is there already.' }),
    quiet: quietFlag,
  };

  async run(): Promise<ExportResult> {
    const { args, flags } = await this.parse(Export);
    const { exportTable } = await import('../src/app/export.js');
    if (flags.output === STDOUT) this.checkStdout(flags.format);
    const progress = this.progress(flags.quiet);
    try {
      const result = await exportTable({
        db: flags.db,
        reference: args.subject,
        what: flags.what,
        output: flags.output,
        format: flags.format,
        force: flags.force,
        toolVersion: this.config.version,
        toStdout,
        signal: this.interruption(),
        onProgress: (rows, bytes) => progress.show(() => `${printable(flags.output)}: ${plural(rows, 'row')}, ${formatBytes(bytes)}`),
      });
      progress.clear();
      if (flags.output !== STDOUT) this.print(flags.output);
      // What a reader that has closed the pipe took is not known.
      if (!flags.quiet && process.stdout.errored === null) this.note(`${result.what}: ${plural(result.rows, 'row')}, ${formatBytes(result.bytes)}`);
      return result;
    } finally {
      progress.clear();
    }
  }

  private checkStdout(format: Parameters<typeof isTextFormat>[0] | undefined): void {
    if (this.jsonEnabled()) throw usageError('-o - --json: both would be written to standard output');
    if (format !== undefined && !isTextFormat(format) && process.stdout.isTTY) {
      throw usageError(`-o -: ${format} is no text for a terminal`, ['Send standard output to a file or a pipe.']);
    }
  }
}

/** Resolves once the bytes are written; to false when the reader has closed the pipe. */
function toStdout(bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(bytes, (error) => resolve(error === null || error === undefined));
  });
}
