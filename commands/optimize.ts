import { Args, Flags } from '@oclif/core';
import type { OptimizeResult } from '../src/app/sweep/optimize.js';
import { windowOf } from '../src/app/time-window.js';
import { BaseCommand, dbFlag, quietFlag } from '../src/cli/base-command.js';
import { windowFlags } from '../src/cli/replay-flags.js';
import { POINT_HEADER, constraintFlags, constraintsOf, pointRow, threadsFlag } from '../src/cli/sweep-flags.js';

export default class Optimize extends BaseCommand {
  static override summary = 'Search the policies of both sides and their parameters for the best that keep the limits.';
  static override description = `Ends with the frontier: the combinations that none beats in register writes per command, 99th percentile of the latency and polling time at once.
Each was verified safe and run with 5 seeds; of those that come to the same, the first is printed with how many they are ("alike"). The same seed and budget give the same result.`;
  static override examples = ['<%= config.bin %> <%= command.id %> randread32-off-1 --max-p99-us 5000 --max-poll-cpu 0.1 --budget 200'];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    driver: Flags.string({ summary: 'Driver model, with knobs as in "list policies".', helpValue: 'NAME' }),
    device: Flags.string({ summary: 'Device model; see "list devices".', helpValue: 'NAME' }),
    transport: Flags.string({ summary: 'Transport; see "list transports".', helpValue: 'NAME' }),
    ...windowFlags,
    ...constraintFlags,
    budget: Flags.integer({ summary: 'Runs at most.', default: 200, min: 1, max: 100_000, helpValue: 'N' }),
    seed: Flags.integer({ summary: 'Seed of the search, and first seed of the runs.', default: 1, min: 0, max: 2 ** 31 - 1 }),
    jobs: threadsFlag,
    quiet: quietFlag,
  };

  async run(): Promise<OptimizeResult> {
    const { args, flags } = await this.parse(Optimize);
    const { optimize } = await import('../src/app/sweep/optimize.js');
    const { db, driver, device, transport, budget, seed, jobs } = flags;
    const progress = this.progress(flags.quiet);
    const result = await optimize({
      db,
      trace: args.trace,
      driver,
      device,
      transport,
      window: windowOf(flags.from, flags.to),
      constraints: constraintsOf(flags),
      budget,
      seed,
      jobs,
      toolVersion: this.config.version,
      onProgress: ({ runs, budget: all, frontier }) => progress.show(() => `${runs} of ${all} runs, ${frontier} on the frontier`),
      signal: this.interruption(),
    }).finally(() => progress.clear());
    if (result.frontier.length === 0) this.print('No combination that was tried keeps the limits, is safe, and could be confirmed within the budget.');
    else this.printTable([...POINT_HEADER, 'alike'], result.frontier.map((point) => [...pointRow(point), point.alike]));
    this.print('');
    this.print(`${result.tried} combinations tried in ${result.runs} of ${result.budget} runs, seed ${result.seed}`);
    return result;
  }
}
