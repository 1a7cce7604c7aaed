import { Args, Flags } from '@oclif/core';
import type { ReportResult } from '../../src/app/report.js';
import { timeOf, windowOf } from '../../src/app/time-window.js';
import { NS_PER_US } from '../../src/base/units.js';
import { BaseCommand, dbFlag } from '../../src/cli/base-command.js';
import { pictureFlags, pictureOptions } from '../../src/cli/replay-flags.js';

export default class ReportTimeline extends BaseCommand {
  static override summary = 'Chart a short window command by command and doorbell by doorbell.';
  static override description =
    'Lanes for driver, shared memory and device, and a bar for each command. Rings that the shadow doorbell made needless are hollow. ' +
    'By default the window holds 40 commands in the middle of the busiest queue. Endings: .svg .png .html .vl.json .csv.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-on-1 -o timeline.svg',
    '<%= config.bin %> <%= command.id %> randread32-on-1 --queue 2 --from 0.35 --span-us 800 -o timeline.png',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    queue: Flags.integer({ summary: 'Submission queue [default: the busiest].', min: 0, max: 65_535, helpValue: 'QID' }),
    from: Flags.string({ summary: "Begin of the window, since the trace's start: 1.5, 1.5s, 300ms, 20us.", helpValue: 'TIME' }),
    to: Flags.string({ summary: 'End of the window, the same way.', helpValue: 'TIME', dependsOn: ['from'] }),
    'span-us': Flags.integer({ summary: 'Length of the window in microseconds, in place of --to.', min: 1, max: 1_000_000_000, helpValue: 'N', exclusive: ['to'] }),
    ...pictureFlags,
  };

  async run(): Promise<ReportResult> {
    const { args, flags } = await this.parse(ReportTimeline);
    const { reportTimeline } = await import('../../src/app/report.js');
    const spanUs = flags['span-us'];
    const result = await reportTimeline({
      db: flags.db,
      trace: args.trace,
      queue: flags.queue,
      fromNs: flags.from === undefined ? undefined : timeOf('--from', flags.from),
      spanNs: flags.to === undefined ? (spanUs === undefined ? undefined : spanUs * NS_PER_US) : spanTo(flags.from!, flags.to),
      ...pictureOptions(flags),
      toolVersion: this.config.version,
    });
    for (const file of result.files) this.print(file);
    return result;
  }
}

/** The window's length in ns. */
function spanTo(from: string, to: string): number {
  const { fromNs, toNs } = windowOf(from, to)!;
  return toNs - fromNs;
}
