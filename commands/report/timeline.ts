import { Args, Flags } from '@oclif/core';
import { usageError } from '../../src/base/errors.js';
import type { ReportResult } from '../../src/app/report.js';
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
    from: Flags.string({ summary: "Start of the window, since the trace's origin.", helpValue: 'SECONDS' }),
    'span-us': Flags.integer({ summary: 'Length of the window in microseconds.', min: 1, max: 1_000_000_000, helpValue: 'N' }),
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
      fromS: flags.from === undefined ? undefined : secondsOf(flags.from),
      spanS: spanUs === undefined ? undefined : spanUs / 1e6,
      ...pictureOptions(flags),
      toolVersion: this.config.version,
    });
    for (const file of result.files) this.print(file);
    return result;
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0 && seconds < 1e9)) throw usageError(`--from ${text}: not a number of seconds from 0 on`);
  return seconds;
}
