import { Args } from '@oclif/core';
import type { ReportResult } from '../../src/app/report.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { againstWindow, pictureFlags, pictureOptions, reportFlags, replayOptions } from '../../src/cli/replay-flags.js';
import { ENDINGS } from '../../src/cli/report-command.js';

const { shadow: _, ...flags } = { db: dbFlag, ...reportFlags, ...pictureFlags };

export default class ReportAccuracy extends BaseCommand {
  static override summary = 'Chart predicted against captured saved fractions, a point for each trace.';
  static override description = `Predicts from each trace what the captures of --against show, made with shadow doorbells the other way. ${ENDINGS}`;
  static override examples = ['<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o accuracy.svg'];
  static override strict = false;
  static override args = { trace: Args.string({ name: 'trace...', required: true, description: 'Names of traces to predict from.' }) };
  static override flags = flags;

  async run(): Promise<ReportResult> {
    const parsed = await this.parse(ReportAccuracy);
    const { reportAccuracy } = await import('../../src/app/report.js');
    const { runsInThreads } = await import('../../src/app/work/runs.js');
    const { shadow: _shadow, ...options } = replayOptions({ ...parsed.flags, shadow: 'on' });
    const result = await reportAccuracy({
      ...options,
      ...pictureOptions(parsed.flags),
      db: parsed.flags.db,
      traces: parsed.argv.map(String),
      against: parsed.flags.against,
      againstWindow: againstWindow(parsed.flags),
      toolVersion: this.config.version,
      makeRuns: runsInThreads,
    });
    for (const file of result.files) this.print(file);
    return result;
  }
}
