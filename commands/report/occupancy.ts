import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportOccupancy extends ChartCommand {
  static override summary = 'Chart the queue occupancy over time: recorded, predicted, and captured.';
  static override description = `Entries waiting in the submission queue, commands in the device and completions waiting in the completion queue, per queue and time bin, with the depth as a line; also in the first capture of --against. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o occupancy.svg',
  ];

  protected override readonly chart = 'occupancy';
}
