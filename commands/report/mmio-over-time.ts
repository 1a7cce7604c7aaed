import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportMmioOverTime extends ChartCommand {
  static override summary = 'Chart the MMIO doorbell writes over time, by side.';
  static override description = `Writes in each of 120 time bins of the replayed part: recorded, predicted, and in the first capture of --against. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o rate.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --theme dark --width 1280 --height 720 -o rate.png',
  ];

  protected override readonly chart = 'mmio-over-time';
}
