import { Args } from '@oclif/core';
import type { ReportResult } from '../../src/app/report.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { replayOptions, reportFlags } from '../../src/cli/replay-flags.js';

export default class ReportReview extends BaseCommand {
  static override summary = 'Write the design review of a what-if: one self-contained HTML file.';
  static override description = 'What was captured and how good it is, what the what-if predicts with its interval and self-check, both charts, and how it was computed. Needs no network.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o review.html',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o review.html',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = { db: dbFlag, ...reportFlags };

  async run(): Promise<ReportResult> {
    const { args, flags } = await this.parse(ReportReview);
    const { reportReview } = await import('../../src/app/report.js');
    const result = await reportReview({
      ...replayOptions(flags),
      db: flags.db,
      trace: args.trace,
      against: flags.against,
      outputs: flags.output,
      toolVersion: this.config.version,
    });
    for (const file of result.files) this.print(file);
    return result;
  }
}
