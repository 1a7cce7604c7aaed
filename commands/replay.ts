import { Args, Flags } from '@oclif/core';
import { usageError } from '../src/base/errors.js';
import type { ReplayResult } from '../src/app/replay.js';
import type { WorkloadReplayResult } from '../src/app/replay-workload.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { printReplay } from '../src/cli/print-replay.js';
import { replayFlags, replayOptions } from '../src/cli/replay-flags.js';

export default class Replay extends BaseCommand {
  static override summary = 'Replay a trace, or a described workload, under another doorbell policy, driver or transport.';
  static override description =
    'Predicts the MMIO doorbell writes of the same workload, as the median of several runs with the interval that holds 90 % of them. ' +
    'The self-check replays the trace as it was recorded: when that fails, the prediction is not to be relied on. ' +
    'With --workload no trace is needed: a file describes what runs and what each step takes.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 --shadow on',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --policy look-ahead:k=8,timer-us=100 --cq-policy arm-when-full --json',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --policy ./mine.js#patient',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --from 7.6s --to 8.5s',
    '<%= config.bin %> <%= command.id %> --workload fio-2014',
    '<%= config.bin %> <%= command.id %> --workload ./mine.json --policy follow-head',
  ];
  static override args = { trace: Args.string({ required: false, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    workload: Flags.string({ summary: 'A workload file, or the name of one that comes along; see "list workloads".', helpValue: 'FILE|NAME' }),
    'open-loop': Flags.boolean({ summary: 'Submit at the recorded times, whatever completes when; by default a submission waits for what it waited for.', exclusive: ['workload'] }),
    ...replayFlags,
  };

  async run(): Promise<ReplayResult | WorkloadReplayResult> {
    const { args, flags } = await this.parse(Replay);
    const { trace } = args;
    const { workload } = flags;
    const options = { ...replayOptions(flags), db: flags.db, openLoop: flags['open-loop'], toolVersion: this.config.version };
    const result = await replayed({ trace, workload }, options, () => this.interruption());
    printReplay(result, (line) => this.print(line), this.terminal());
    return result;
  }
}

async function replayed(
  { trace, workload }: { readonly trace: string | undefined; readonly workload: string | undefined },
  options: ReturnType<typeof replayOptions> & { readonly db: string; readonly openLoop: boolean; readonly toolVersion: string },
  interruption: () => AbortSignal,
): Promise<ReplayResult | WorkloadReplayResult> {
  if ((trace === undefined) === (workload === undefined)) {
    throw usageError(trace === undefined ? 'replay: name a trace, or a workload with --workload' : `replay ${trace} --workload ${workload}: one of the two is replayed, not both`);
  }
  if (workload !== undefined && options.window !== undefined) throw usageError(`--from and --to choose a part of a trace, and --workload ${workload} replays none`, ['Leave them out.']);
  if (workload !== undefined) {
    const { replayWorkload } = await import('../src/app/replay-workload.js');
    return replayWorkload({ ...options, workload });
  }
  const { replayNamed } = await import('../src/app/work/once.js');
  return replayNamed({ ...options, trace: trace! }, interruption);
}
