import { Args, Flags } from '@oclif/core';
import type { CompareResult } from '../src/app/compare.js';
import { EXIT } from '../src/base/errors.js';
import { formatCount, formatNs, plural } from '../src/base/units.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { pictureFlags, pictureOptions } from '../src/cli/replay-flags.js';
import { bars, coloured } from '../src/cli/terminal.js';

type Delta = CompareResult['deltas'][number];

export default class Compare extends BaseCommand {
  static override summary = 'Compare two traces, two runs, or a trace and a run, metric by metric.';
  static override description = `Every metric that both sides have, with its difference, the 90 % interval of that, and whether it is beyond noise.
The noise of a trace is how its own twenty blocks of time differ, that of a run its interval; captures of one workload differ by more.
With --fail-if the exit code is 5 when a difference crosses the threshold; one within noise doesn't count, unless --strict is given.
With -o FILE.html charts of both sides are written; other endings take the chart of the differences.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 randread32-on-1',
    "<%= config.bin %> <%= command.id %> before after --fail-if 'mmio.total > +5%' --fail-if 'latency.p99 > +10%'",
    '<%= config.bin %> <%= command.id %> trace:randread32-on-1 run:1 -o compare.html',
  ];
  static override args = {
    a: Args.string({ required: true, description: 'Name or number of a trace, else of a run; "trace:" or "run:" in front decides.' }),
    b: Args.string({ required: true, description: 'What is compared with it.' }),
  };
  static override flags = {
    db: dbFlag,
    'fail-if': Flags.string({ multiple: true, multipleNonGreedy: true, default: [], summary: "A threshold: metric, comparison, number or percentage. May be given several times.", helpValue: "'METRIC > +5%'" }),
    strict: Flags.boolean({ summary: 'Differences within noise cross thresholds as well.' }),
    ...pictureFlags,
    output: Flags.string({ char: 'o', multiple: true, multipleNonGreedy: true, default: [], summary: 'Also write charts; the ending says what the file becomes.', helpValue: 'FILE' }),
  };

  async run(): Promise<CompareResult> {
    const { args, flags } = await this.parse(Compare);
    const { compare } = await import('../src/app/compare.js');
    const result = await compare({ db: flags.db, ...args, failIf: flags['fail-if'], strict: flags.strict, ...pictureOptions(flags), toolVersion: this.config.version });
    this.printDeltas(result);
    for (const { threshold, metric, relative, difference, counts } of result.exceeded) {
      const unit = result.deltas.find((delta) => delta.metric === metric)?.unit ?? 'count';
      const text = `${threshold}: ${metric} differs by ${textOf(difference, unit)}${relative === null ? '' : ` (${percentText(relative)})`}`;
      this.print(counts ? coloured(`FAILED  ${text}`, 'red', this.terminal()) : `within noise  ${text}`);
    }
    for (const file of result.files) this.print(file);
    if (result.failed) process.exitCode = EXIT.check;
    return result;
  }

  private printDeltas({ a, b, deltas }: CompareResult): void {
    const terminal = this.terminal();
    this.print(`A: ${a.kind} ${a.name}`);
    this.print(`B: ${b.kind} ${b.name}`);
    this.print('');
    this.printTable(
      ['metric', 'A', 'B', 'B - A', 'relative', '90 % interval of B - A', ''],
      deltas.map((delta) => {
        const { unit, low, high } = delta;
        const interval = low === null || high === null ? '' : `${textOf(low, unit)} .. ${textOf(high, unit)}`;
        return [delta.metric, textOf(delta.a, unit), textOf(delta.b, unit), textOf(delta.difference, unit), delta.relative === null ? '' : percentText(delta.relative), interval, delta.verdict];
      }),
    );
    this.print('');
    this.print(summaryOf(deltas));
    const shown = deltas.filter(({ relative, metric }) => relative !== null && !metric.includes('queue.'));
    const lines = bars(shown.map(({ metric, relative, verdict }) => ({
      label: metric,
      value: relative!,
      text: percentText(relative!),
      colour: verdict === 'more' ? 'orange' : verdict === 'less' ? 'green' : 'dim',
    })), terminal);
    if (lines.length > 0) this.print('');
    for (const line of lines) this.print(line);
  }
}

/** How many metrics differ. */
function summaryOf(deltas: CompareResult['deltas']): string {
  const count = (...verdicts: readonly Delta['verdict'][]): number => deltas.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const [beyond, unknown] = [count('more', 'less'), count('unknown noise')];
  const rest = unknown === 0 ? '' : `; of ${unknown} the noise isn't known`;
  if (beyond === 0) return unknown === 0 ? 'No difference beyond noise.' : `No difference is known to be beyond noise, of ${plural(deltas.length, 'metric')}${rest}.`;
  return `${beyond} of ${plural(deltas.length, 'metric')} differ beyond noise${rest}.`;
}

function textOf(value: number, unit: Delta['unit']): string {
  if (unit === 'ns') return formatNs(value);
  return unit === 'ratio' ? value.toFixed(3) : formatCount(Math.round(value));
}

function percentText(relative: number): string {
  return `${relative < 0 ? '' : '+'}${(relative * 100).toFixed(1)} %`;
}
