import { Args, Flags } from '@oclif/core';
import type { ValidateResult } from '../src/app/validate.js';
import { edgesText } from '../src/app/replayed-window.js';
import { EXIT } from '../src/base/errors.js';
import { formatCount } from '../src/base/units.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { againstWindow, againstWindowFlags, configurationFlags, replayOptions, seedFlags, windowFlags } from '../src/cli/replay-flags.js';

const { shadow: _shadow, ...otherConfigurationFlags } = configurationFlags;

export default class Validate extends BaseCommand {
  static override summary = 'Backtest a prediction: compare it with captures of what it predicts.';
  static override description =
    'Predicts from a trace what its workload would have done with shadow doorbells the other way, and compares that with captures made that way. ' +
    'Where only a part of either is taken, captured writes are scaled to as many commands as the prediction has. ' +
    'The exit code is 5 when the mean of the captures lies outside the predicted interval, or the error is above --max-error.';
  static override examples = ['<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 --max-error 0.1'];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace to predict from.' }) };
  static override flags = {
    db: dbFlag,
    ...otherConfigurationFlags,
    ...seedFlags,
    ...windowFlags,
    against: Flags.string({
      multiple: true,
      required: true,
      summary: 'Traces captured under the predicted configuration.',
      helpValue: 'TRACE',
    }),
    ...againstWindowFlags,
    'max-error': Flags.string({ summary: 'Pass when the error of the saved fraction is at most this, whatever the interval says.', helpValue: 'FRACTION' }),
  };

  async run(): Promise<ValidateResult> {
    const { args, flags } = await this.parse(Validate);
    const { fractionOf, validate } = await import('../src/app/validate.js');
    const { runsInThreads } = await import('../src/app/work/runs.js');
    const result = await validate({
      ...replayOptions({ ...flags, shadow: 'on' }),
      db: flags.db,
      trace: args.trace,
      against: flags.against,
      againstWindow: againstWindow(flags),
      maxError: flags['max-error'] === undefined ? undefined : fractionOf('--max-error', flags['max-error']),
      toolVersion: this.config.version,
      makeRuns: runsInThreads,
    });
    this.show(result);
    if (!result.passed) process.exitCode = EXIT.check;
    return result;
  }

  private show({ trace, baseline, predicted, captured, error, covered, baselines, self_check, window, passed }: ValidateResult): void {
    const print = (line: string): void => this.print(line);
    const { fraction, low, high } = predicted.saved;
    if (window !== null) print(`${edgesText(window)} The writes of captures are scaled to as many commands.`);
    this.printTable(
      [trace, 'SQ tail', 'CQ head', 'total', 'saved fraction'],
      [
        [`baseline (${baseline.source})`, baseline.mmio.sq, baseline.mmio.cq, baseline.mmio.total, ''],
        ['predicted', predicted.mmio.sq, predicted.mmio.cq, predicted.mmio.total, `${fraction.toFixed(3)} (${low.toFixed(3)} .. ${high.toFixed(3)})`],
        ...captured.map(({ name, mmio, saved, covered: inside }) => [name, mmio.sq, mmio.cq, mmio.total, `${saved.toFixed(3)}${inside ? '' : ' outside'}`]),
      ],
    );
    print('');
    print(`error            ${error.saved.toFixed(3)} of the saved fraction; SQ ${(error.sq * 100).toFixed(0)} %, CQ ${(error.cq * 100).toFixed(0)} %`);
    for (const [name, value] of Object.entries(baselines)) print(`  without a model: ${value.toFixed(3)}  (${name})`);
    print(`interval         ${covered ? 'holds' : 'does not hold'} the mean of the captures`);
    if (window === null) for (const { name, commands } of captured) if (differs(commands, predicted.commands)) print(`workload         ${name} has ${formatCount(commands)} commands, the prediction ${formatCount(predicted.commands)}: is it the same?`);
    print(`self-check       ${self_check.passed ? 'passed' : 'FAILED'}`);
    print(passed ? 'passed' : 'FAILED');
  }
}

/** Captures of one workload have about as many commands. */
function differs(commands: number, predicted: number): boolean {
  return Math.abs(commands - predicted) > 0.1 * predicted;
}
