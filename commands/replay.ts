import { Args } from '@oclif/core';
import type { ReplayResult } from '../src/app/replay.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { printReplay, replayFlags, replayOptions } from '../src/cli/replay-flags.js';

export default class Replay extends BaseCommand {
  static override summary = 'Replay a trace under another doorbell policy, driver or transport.';
  static override description =
    'Predicts the MMIO doorbell writes of the same workload, as the median of several runs with the interval that holds 90 % of them. ' +
    'The self-check replays the trace as it was recorded: when that fails, the prediction is not to be relied on.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 --shadow on',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --policy look-ahead:k=8,timer-us=100 --cq-policy arm-when-full --json',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --policy ./mine.js#patient',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = { db: dbFlag, ...replayFlags };

  async run(): Promise<ReplayResult> {
    const { args, flags } = await this.parse(Replay);
    const { replayNamed } = await import('../src/app/work/once.js');
    const result = await replayNamed({ ...replayOptions(flags), db: flags.db, trace: args.trace, toolVersion: this.config.version }, this.interruption());
    printReplay(result, (line) => this.print(line));
    return result;
  }
}
