// What the commands that write files about a replay share: argument, flags, and printing the files' paths.

import { Args } from '@oclif/core';
import type { ReportOptions, ReportResult, StudyChartName } from '../app/report.js';
import { BaseCommand, dbFlag } from './base-command.js';
import { againstWindow, pictureFlags, pictureOptions, reportFlags, replayOptions } from './replay-flags.js';

const args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };

/** What every chart's description ends with. */
export const ENDINGS = 'Endings: .svg .png .html .vl.json .csv. A run that "replay" stored with the same flags is used as it is.';

export abstract class ReportCommand extends BaseCommand {
  static override args = args;
  static override flags = { db: dbFlag, ...reportFlags, output: pictureFlags.output };

  /** Makes the report and writes its files. */
  protected abstract write(options: ReportOptions): Promise<ReportResult>;

  protected async report(parsed: { readonly args: { readonly trace: string }; readonly flags: Parameters<typeof replayOptions>[0] & Parameters<typeof againstWindow>[0] & { readonly db: string; readonly against: readonly string[] } }, picture: Pick<ReportOptions, 'outputs'>): Promise<ReportResult> {
    const { db, against } = parsed.flags;
    const { runsInThreads } = await import('../app/work/runs.js');
    const result = await this.write({ ...replayOptions(parsed.flags), ...picture, db, trace: parsed.args.trace, against, againstWindow: againstWindow(parsed.flags), toolVersion: this.config.version, makeRuns: runsInThreads });
    for (const file of result.files) this.print(file);
    return result;
  }

  async run(): Promise<ReportResult> {
    const parsed = await this.parse(ReportCommand);
    return this.report(parsed, { outputs: parsed.flags.output });
  }
}

/** A command that draws one chart of a what-if. */
export abstract class ChartCommand extends ReportCommand {
  // oclif looks at a class's own properties alone.
  static override args = args;
  static override flags = { db: dbFlag, ...reportFlags, ...pictureFlags };

  protected abstract readonly chart: StudyChartName;

  protected override async write(options: ReportOptions): Promise<ReportResult> {
    const { reportChart } = await import('../app/report.js');
    return reportChart(this.chart, options);
  }

  override async run(): Promise<ReportResult> {
    const parsed = await this.parse(ChartCommand);
    return this.report(parsed, pictureOptions(parsed.flags));
  }
}
