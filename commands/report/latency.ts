import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportLatency extends ChartCommand {
  static override summary = 'Chart the latency by stage, as percentile curves: recorded against replayed.';
  static override description = `Time waiting in the submission queue, in the device, unreaped in the completion queue, and the whole way. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o latency.svg',
  ];

  protected override readonly chart = 'latency';
}
