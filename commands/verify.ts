import { Args, Flags } from '@oclif/core';
import { EXIT } from '../src/base/errors.js';
import { formatCount, plural } from '../src/base/units.js';
import type { PolicyVerdict, VerifyResult } from '../src/app/verify.js';
import { BaseCommand } from '../src/cli/base-command.js';
import { pictureFlags, pictureOptions } from '../src/cli/replay-flags.js';

export default class Verify extends BaseCommand {
  static override summary = 'Explore every interleaving of driver and device: can an event-index policy lose a wake-up?';
  static override description = `Runs the policy's own program against a driver's announcement steps under a memory model, and ends with a verdict:
safe within the bounds, lost-wakeup, lost-completion, stale-shadow or livelock with the shortest counterexample, or unknown when the bound on states was reached.
Exit code 5 unless every verdict is safe.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> follow-tail --driver google-2014 --memory tso',
    '<%= config.bin %> <%= command.id %> arm-when-empty --driver-barrier full --device-barrier none --json',
  ];
  static override args = { policy: Args.string({ description: 'Name or number of a policy (see "list policies") or of a variant in docs/verify.md, or a policy of your own, FILE.js#NAME; by default all of the catalogue.' }) };
  static override flags = {
    side: Flags.option({ options: ['sq', 'cq'] as const, summary: 'Submission or completion queues; decides where a name is one of both.' })(),
    driver: Flags.string({ summary: 'Driver model; see "list drivers". By default its first.', helpValue: 'NAME' }),
    'driver-barrier': Flags.option({ options: ['full', 'read', 'none'] as const, summary: 'Barrier between shadow store and EventIdx load; by default the driver\'s own.' })(),
    'device-barrier': Flags.option({ options: ['full', 'none'] as const, default: 'full' as const, summary: 'Keep the policy\'s barriers, or take them out.' })(),
    memory: Flags.option({ options: ['sc', 'tso', 'arm'] as const, default: 'tso' as const, summary: 'Memory model: sequentially consistent, x86-TSO, or Arm-like as docs/verify.md says.' })(),
    stale: Flags.boolean({ default: false, summary: 'Start with leftovers of an earlier life in the shadow and EventIdx words (submission queues).' }),
    reset: Flags.option({ options: ['none', 'cleared', 'kept'] as const, default: 'none' as const, summary: 'Let the controller be reset once in the middle, with the shared words cleared or kept (submission queues).' })(),
    queues: Flags.integer({ summary: 'Submission queues that share the completion queue, each with a thread of the device (completion queues).', default: 1, min: 1, max: 4, helpValue: 'N' }),
    diagram: Flags.string({ multiple: true, multipleNonGreedy: true, default: [], summary: 'Draw the first counterexample as a sequence diagram; the ending says what the file becomes, as for "report".', helpValue: 'FILE' }),
    width: pictureFlags.width,
    theme: pictureFlags.theme,
    force: Flags.boolean({ summary: 'Replace files of --diagram that are there.' }),
    depth: Flags.integer({ summary: 'Entries of the queue.', default: 4, min: 2, max: 64, helpValue: 'N' }),
    commands: Flags.integer({ summary: 'Commands or completions in all.', default: 6, min: 1, max: 200, helpValue: 'N' }),
    batch: Flags.integer({ summary: 'Entries that one announcement may carry, for a driver that batches.', default: 2, min: 1, max: 63, helpValue: 'N' }),
    'max-states': Flags.integer({ summary: 'States to explore at most for one policy.', default: 500_000, min: 1, max: 10_000_000, helpValue: 'N' }),
  };

  async run(): Promise<VerifyResult> {
    const { args, flags } = await this.parse(Verify);
    const { verifyNamed } = await import('../src/app/work/once.js');
    const { side, driver, memory, stale, depth, commands, batch } = flags;
    const options = {
      policy: args.policy,
      side,
      driver,
      driverBarrier: flags['driver-barrier'],
      deviceBarrier: flags['device-barrier'],
      memory,
      stale,
      reset: flags.reset,
      queues: flags.queues,
      bounds: { depth, commands, batch, maxStates: flags['max-states'] },
    };
    const result = await verifyNamed(options, () => this.interruption());
    if (flags.diagram.length > 0) {
      const { writeDiagram } = await import('../src/app/diagram.js');
      if (!(await writeDiagram(result, { ...pictureOptions({ ...flags, output: flags.diagram }), toolVersion: this.config.version }, flags.force))) this.note('Every policy is safe: there is no counterexample to draw.');
    }
    this.printVerdicts(result);
    if (result.verdict !== 'safe') process.exitCode = EXIT.check;
    return result;
  }

  private printVerdicts({ policies, driver, driver_barrier: driverBarrier, device_barrier: deviceBarrier, memory, bounds }: VerifyResult): void {
    this.print(`driver ${driver}, its barrier: ${driverBarrier}; device barriers: ${deviceBarrier}; memory ${memory}`);
    this.print(`queue of ${bounds.depth} entries, up to ${plural(bounds.commands, 'command')} in batches of up to ${bounds.batch}, at most ${formatCount(bounds.max_states)} states`);
    this.print('');
    this.printTable(['policy', 'id', 'side', 'verdict', 'states'], policies.map((p) => [p.policy, p.id, p.side, p.verdict, p.states]));
    for (const policy of policies) if (policy.verdict !== 'safe') this.printReason(policy);
  }

  private printReason({ policy, side, verdict, reason, start, counterexample }: PolicyVerdict): void {
    this.print('');
    this.print(`${policy} (${side}) ${verdict}: ${reason}`);
    if (counterexample.length === 0) return;
    this.print(`  start: ${start}`);
    this.printTable(['step', 'thread', 'what it does'], counterexample.map(({ step, thread, text }) => [step, thread, text]), 2);
  }
}
