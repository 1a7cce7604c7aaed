import type { ReportOptions, ReportResult } from '../../src/app/report.js';
import { ReportCommand } from '../../src/cli/report-command.js';

export default class ReportReview extends ReportCommand {
  static override summary = 'Write the design review of a what-if: one self-contained HTML file.';
  static override description = 'What was captured and how good it is, what the what-if predicts with its interval and self-check, both charts, and how it was computed. Needs no network.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o review.html',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o review.html',
  ];

  protected override async write(options: ReportOptions): Promise<ReportResult> {
    const { reportReview } = await import('../../src/app/report.js');
    return reportReview(options);
  }
}
