import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportMmio extends ChartCommand {
  static override summary = 'Chart the MMIO doorbell writes: recorded, predicted, captured.';
  static override description = `Replays the trace and draws its doorbell writes beside the prediction, by side, with the 90 % interval. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o mmio.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o mmio.png -o mmio.csv',
  ];

  protected override readonly chart = 'mmio';
}
