import type { ReportOptions, ReportResult } from '../../src/app/report.js';
import { ReportCommand } from '../../src/cli/report-command.js';

export default class ReportMmio extends ReportCommand {
  static override summary = 'Chart the MMIO doorbell writes: recorded, predicted, captured.';
  static override description = 'Replays the trace and draws its doorbell writes beside the prediction, by side, with the 90 % interval. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o mmio.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o mmio.png -o mmio.csv',
  ];

  protected override async write(options: ReportOptions): Promise<ReportResult> {
    const { reportMmio } = await import('../../src/app/report.js');
    return reportMmio(options);
  }
}
