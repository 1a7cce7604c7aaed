import { Args, Flags } from '@oclif/core';
import { EXIT } from '../src/base/errors.js';
import { groupBy } from '../src/base/group.js';
import { formatCount } from '../src/base/units.js';
import type { SweepResult } from '../src/app/sweep/sweep.js';
import { windowOf } from '../src/app/time-window.js';
import { BaseCommand, dbFlag, quietFlag } from '../src/cli/base-command.js';
import { windowFlags } from '../src/cli/replay-flags.js';
import { POINT_HEADER, WINNER_HEADER, aboutText, constraintFlags, constraintsOf, listOf, machineOf, pointRow, threadsFlag, winnerRow } from '../src/cli/sweep-flags.js';

export default class Sweep extends BaseCommand {
  static override summary = 'Replay traces under many policies, parameters, drivers and transports: which one wins?';
  static override description = `Each cell of the grid is one run, kept in the store as soon as it is done: what is there isn't run again, and after Ctrl-C the same command goes on.
"off" is run with each driver and transport, as what the others are compared with. Every policy is verified; what isn't safe, or stalled, is named and can't win.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --policies follow-tail --policies look-ahead:k=1/4/16 --cq-policies C2 --cq-policies C5 --max-p99-us 5000',
  ];
  static override strict = false;
  static override args = { traces: Args.string({ description: 'Names, numbers or SHA-256 of traces.' }) };
  static override flags = {
    db: dbFlag,
    file: Flags.string({ summary: 'A sweep as a JSON file; flags that are given go before what it says.', helpValue: 'FILE' }),
    policies: listOf('SQ policies with parameters, of which each may have several values: look-ahead:k=1/4/16. By default a choice of all kinds.', 'SPEC'),
    'cq-policies': listOf('CQ policies, the same way. By default the device\'s own.', 'SPEC'),
    drivers: listOf('Drivers, with knobs as in "list policies".'),
    transports: listOf('Transports; see "list transports".'),
    device: Flags.string({ summary: 'Device model; see "list devices".', helpValue: 'NAME' }),
    seed: Flags.integer({ summary: 'First seed.', min: 0, max: 2 ** 31 - 1 }),
    seeds: Flags.integer({ summary: 'Seeds for each configuration; 5 by default.', min: 1, max: 10_000 }),
    ...windowFlags,
    ...constraintFlags,
    jobs: threadsFlag,
    quiet: quietFlag,
  };

  async run(): Promise<SweepResult> {
    const { argv, flags } = await this.parse(Sweep);
    const { readSweepFile } = await import('../src/app/sweep/sweep-file.js');
    const { sweep } = await import('../src/app/sweep/sweep.js');
    const file = flags.file === undefined ? {} : readSweepFile(flags.file);
    const progress = this.progress(flags.quiet);
    const result = await sweep({
      db: flags.db,
      traces: argv.length > 0 ? (argv as string[]) : (file.traces ?? []),
      policies: flags.policies ?? file.policies,
      cqPolicies: flags['cq-policies'] ?? file.cqPolicies,
      drivers: flags.drivers ?? file.drivers,
      transports: flags.transports ?? file.transports,
      device: flags.device ?? file.device,
      window: windowOf(flags.from ?? file.from, flags.to ?? file.to),
      seed: flags.seed ?? file.seed ?? 1,
      seeds: flags.seeds ?? file.seeds ?? 5,
      constraints: constraintsOf(flags),
      jobs: flags.jobs,
      toolVersion: this.config.version,
      onProgress: ({ done, cells, leftMs }) => progress.show(() => `${done} of ${cells} cells${leftMs === undefined ? ', reading and verifying' : `, about ${aboutText(leftMs)} left`}`),
      signal: this.interruption(),
    }).finally(() => progress.clear());
    this.printSweep(result);
    if (result.failed.length > 0) process.exitCode = EXIT.input;
    return result;
  }

  private printSweep({ points, winners, computed, reused, failed, cells }: SweepResult): void {
    const print = (line: string): void => this.print(line);
    for (const [machine, group] of groupBy(winners, machineOf)) {
      print(machine);
      this.printTable(POINT_HEADER, points.filter((point) => machineOf(point) === machine).map(pointRow));
      print('');
      this.printTable(WINNER_HEADER, group.map(winnerRow));
      print('');
    }
    for (const { error } of failed) this.note(`Failed: ${error}`);
    print(`${formatCount(cells.length)} cells: ${formatCount(computed)} run, ${formatCount(reused)} from the store`);
  }
}
