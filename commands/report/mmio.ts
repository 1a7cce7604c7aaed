import { Args } from '@oclif/core';
import type { ReportResult } from '../../src/app/report.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { replayOptions, reportFlags } from '../../src/cli/replay-flags.js';

export default class ReportMmio extends BaseCommand {
  static override summary = 'Chart the MMIO doorbell writes: recorded, predicted, captured.';
  static override description = 'Replays the trace and draws its doorbell writes beside the prediction, by side, with the 90 % interval. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o mmio.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o mmio.png -o mmio.csv',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = { db: dbFlag, ...reportFlags };

  async run(): Promise<ReportResult> {
    const { args, flags } = await this.parse(ReportMmio);
    const { reportMmio } = await import('../../src/app/report.js');
    const result = await reportMmio({
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
