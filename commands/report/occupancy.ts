import type { ReportOptions, ReportResult } from '../../src/app/report.js';
import { ReportCommand } from '../../src/cli/report-command.js';

export default class ReportOccupancy extends ReportCommand {
  static override summary = 'Chart the queue occupancy over time: recorded and predicted.';
  static override description = 'Entries waiting in the submission queue, commands in the device and completions waiting in the completion queue, per queue and time bin. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o occupancy.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o occupancy.png',
  ];

  protected override async write(options: ReportOptions): Promise<ReportResult> {
    const { reportOccupancy } = await import('../../src/app/report.js');
    return reportOccupancy(options);
  }
}
