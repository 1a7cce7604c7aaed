import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportRings extends ChartCommand {
  static override summary = 'Chart the entries that one doorbell write stands for, by queue and side.';
  static override description = `Commands announced by an SQ tail write, completions consumed by a CQ head write: recorded, predicted, and in the first capture of --against. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o rings.svg',
  ];

  protected override readonly chart = 'rings';
}
