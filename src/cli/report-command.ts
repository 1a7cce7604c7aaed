// What the commands that write files about a replay share: argument, flags, and printing the files' paths.

import { Args } from '@oclif/core';
import type { ReportOptions, ReportResult } from '../app/report.js';
import { BaseCommand, dbFlag } from './base-command.js';
import { reportFlags, replayOptions } from './replay-flags.js';

const args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
const flags = { db: dbFlag, ...reportFlags };

export abstract class ReportCommand extends BaseCommand {
  static override args = args;
  static override flags = flags;

  /** Makes the report and writes its files. */
  protected abstract write(options: ReportOptions): Promise<ReportResult>;

  async run(): Promise<ReportResult> {
    const parsed = await this.parse(ReportCommand);
    const { db, against, output } = parsed.flags;
    const result = await this.write({
      ...replayOptions(parsed.flags),
      db,
      trace: parsed.args.trace,
      against,
      outputs: output,
      toolVersion: this.config.version,
    });
    for (const file of result.files) this.print(file);
    return result;
  }
}
