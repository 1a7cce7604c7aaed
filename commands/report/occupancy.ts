import { Args } from '@oclif/core';
import type { ReportResult } from '../../src/app/report.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { replayOptions, reportFlags } from '../../src/cli/replay-flags.js';

export default class ReportOccupancy extends BaseCommand {
  static override summary = 'Chart the queue occupancy over time: recorded and predicted.';
  static override description = 'Entries waiting in the submission queue, commands in the device and completions waiting in the completion queue, per queue and time bin. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o occupancy.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o occupancy.png',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = { db: dbFlag, ...reportFlags };

  async run(): Promise<ReportResult> {
    const { args, flags } = await this.parse(ReportOccupancy);
    const { reportOccupancy } = await import('../../src/app/report.js');
    const result = await reportOccupancy({
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
