import { Args, Flags } from '@oclif/core';
import { EXIT } from '../src/base/errors.js';
import { printable } from '../src/base/text.js';
import { formatCount, plural } from '../src/base/units.js';
import type { CheckResult, FindingReport } from '../src/app/check.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';

export default class Check extends BaseCommand {
  static override summary = 'Audit a trace: violations, stalls, lost wake-ups, needless doorbell writes.';
  static override description = `Ends with exit code 5 when a rule finds an error, with 0 otherwise. "list rules" describes the rules.
A rule that could judge nothing in this capture is listed with what it needs; a finding is an error only where the capture excludes innocent explanations.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-on-1',
    '<%= config.bin %> <%= command.id %> randread32-on-1 --rule missed-ring --rule stalled-command --stall-ms 100 --json',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    rule: Flags.string({ summary: 'Apply this rule alone; may be given several times.', multiple: true, multipleNonGreedy: true, helpValue: 'ID' }),
    'stall-ms': Flags.integer({ summary: 'A wait beyond this many milliseconds is a stall.', default: 1000, min: 1, max: 86_400_000, helpValue: 'N' }),
    keep: Flags.integer({ summary: 'Findings to show of each rule and severity; the others are counted.', default: 20, min: 1, max: 10_000, helpValue: 'N' }),
  };

  async run(): Promise<CheckResult> {
    const { args, flags } = await this.parse(Check);
    const { check } = await import('../src/app/check.js');
    const result = check({ db: flags.db, trace: args.trace, rules: flags.rule, stallMs: flags['stall-ms'], keep: flags.keep });
    this.printFindings(result);
    this.printVerdicts(result);
    if (result.not_stored !== null) this.note(`the findings are not kept in the store: ${result.not_stored}`);
    if (result.errors > 0) process.exitCode = EXIT.check;
    return result;
  }

  private printFindings({ trace, findings, counts, errors, warnings, notes }: CheckResult): void {
    this.print(`${trace.name}: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}, ${plural(notes, 'note')}`);
    for (const { rule, severity, count, shown } of counts) {
      const own = findings.filter((finding) => finding.rule === rule && finding.severity === severity);
      this.print('');
      this.print(`${severity} ${rule}: ${formatCount(count)}${shown < count ? `, the first ${shown}` : ''}`);
      this.printTable(['controller/queue', 'at', 'evidence'], own.map((finding) => [queueOf(finding), placeOf(finding, trace), finding.evidence]), 2);
    }
  }

  private printVerdicts({ decided, undecided, untracked }: CheckResult): void {
    const open = decided.filter((rule) => rule.open > 0);
    this.print('');
    this.print(`${plural(decided.length, 'rule')} decided, ${open.length} of them in part; ${undecided.length} not decidable on this capture`);
    if (undecided.length > 0) {
      this.printTable(['not decidable', 'needs'], undecided.map(({ rule, needs }) => [rule, needs]), 2);
    }
    if (open.length > 0) {
      this.printTable(['decided in part', 'cases judged', 'left open'], open.map(({ rule, checked, open: left }) => [rule, checked, left]), 2);
    }
    if (untracked > 0) this.print(`  ${formatCount(untracked)} doorbell events belong to more queues than are followed`);
  }
}

function queueOf({ controller, queue, side }: FindingReport): string {
  if (queue === null) return controller === null ? '' : `controller ${controller}`;
  return `${controller ?? 0}/${queue}${side === null ? '' : ` ${side}`}`;
}

/** Where: seconds since the trace's origin, number of the event, line or byte of the source, and which source where there are several. */
function placeOf({ at }: FindingReport, { sources }: CheckResult['trace']): string {
  if (at === null) return 'the whole trace';
  const time = at.time_ns === null ? '' : `${(at.time_ns / 1e9).toFixed(6)} s, `;
  const source = sources.length > 1 ? ` of ${printable(sources[at.source]?.source ?? '')}` : '';
  return `${time}event ${at.seq}${at.place === null ? '' : `, ${at.unit} ${at.place}${source}`}`;
}
