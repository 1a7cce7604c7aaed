import { Args, Flags } from '@oclif/core';
import type { SweepReportResult } from '../../src/app/report.js';
import { windowOf } from '../../src/app/time-window.js';
import { groupBy } from '../../src/base/group.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { pictureFlags, pictureOptions } from '../../src/cli/replay-flags.js';
import { WINNER_HEADER, constraintFlags, constraintsOf, machineOf, winnerRow } from '../../src/cli/sweep-flags.js';

export default class ReportSweep extends BaseCommand {
  static override summary = 'Chart the stored cells of sweeps: register writes against added latency, and the frontier.';
  static override description =
    'What "sweep" and "optimize" stored of the trace, a mark for each configuration; larger where the device polls more, marked and named where it is unsafe or stalled. ' +
    'Nothing is run. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 -o frontier.svg',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --max-p99-us 5000 --max-poll-cpu 0.1 -o frontier.html -o frontier.csv',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    driver: Flags.string({ summary: 'Only cells of this driver model, named as in the table.', helpValue: 'NAME' }),
    device: Flags.string({ summary: 'Only cells of this device model.', helpValue: 'NAME' }),
    transport: Flags.string({ summary: 'Only cells of this transport.', helpValue: 'NAME' }),
    from: Flags.string({ summary: 'Only cells of the part of the trace that "sweep --from" was given; by default those of all of it.', helpValue: 'TIME' }),
    to: Flags.string({ summary: 'The same for "sweep --to".', helpValue: 'TIME' }),
    ...constraintFlags,
    ...pictureFlags,
  };

  async run(): Promise<SweepReportResult> {
    const { args, flags } = await this.parse(ReportSweep);
    const { reportSweep } = await import('../../src/app/report.js');
    const { db, driver, device, transport } = flags;
    const result = await reportSweep({ db, trace: args.trace, driver, device, transport, window: windowOf(flags.from, flags.to), constraints: constraintsOf(flags), ...pictureOptions(flags), toolVersion: this.config.version });
    for (const [machine, group] of groupBy(result.winners, machineOf)) {
      this.print(machine);
      this.print('');
      this.printTable(WINNER_HEADER, group.map(winnerRow));
      this.print('');
    }
    for (const file of result.files) this.print(file);
    return result;
  }
}
