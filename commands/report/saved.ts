import { ChartCommand, ENDINGS } from '../../src/cli/report-command.js';

export default class ReportSaved extends ChartCommand {
  static override summary = 'Chart the saved fraction: predicted, captured, and by predictors without a model.';
  static override description = `One dot each, with its interval. ${ENDINGS}`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o saved.svg',
  ];

  protected override readonly chart = 'saved';
}
