import { Args, Flags } from '@oclif/core';
import { printable } from '../src/base/text.js';
import { NS_PER_S, formatCount, formatNs, plural } from '../src/base/units.js';
import { windowOf } from '../src/app/time-window.js';
import { alignmentText } from '../src/app/alignment-text.js';
import type { Calibrated } from '../src/app/calibration.js';
import type { InfoResult } from '../src/app/info.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { printCalibration } from '../src/cli/print-calibration.js';
import { type Terminal, coloured, sparkline } from '../src/cli/terminal.js';

export default class Info extends BaseCommand {
  static override summary = 'Show what a trace holds: queues, doorbells, and how good the data is.';
  static override examples = ['<%= config.bin %> <%= command.id %> randread32-off-1', '<%= config.bin %> <%= command.id %> 1 --json', '<%= config.bin %> <%= command.id %> 1 --calibration'];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    calibration: Flags.boolean({ summary: 'Also show what a replay of the trace is calibrated from: each distribution, and how it is known.' }),
    from: Flags.string({ summary: 'Begin of the part that is calibrated from, as for "replay".', helpValue: 'TIME', dependsOn: ['calibration'] }),
    to: Flags.string({ summary: 'End of that part.', helpValue: 'TIME', dependsOn: ['calibration'] }),
  };

  async run(): Promise<InfoResult & { readonly calibration?: Calibrated }> {
    const { args, flags } = await this.parse(Info);
    const { info } = await import('../src/app/info.js');
    const terminal = this.terminal();
    const result = info(flags.db, args.trace, terminal.draws ? Math.min(terminal.columns - 2, 120) : 0);
    this.printTrace(result);
    this.printRate(result, terminal);
    for (const controller of result.controllers) this.printQueues(controller, result.lives);
    this.printLives(result);
    this.printExits(result);
    this.printSources(result);
    this.printQuality(result);
    if (!flags.calibration) return result;
    const { calibration } = await import('../src/app/calibration.js');
    const calibrated = calibration(flags.db, args.trace, windowOf(flags.from, flags.to));
    printCalibration(calibrated, (line) => this.print(line));
    return { ...result, calibration: calibrated };
  }

  private printTrace({ trace, mmio, mmio_bounds: bounds, commands }: InfoResult): void {
    const span = trace.span_ns === null ? 'no time stamps' : formatNs(trace.span_ns);
    this.print(`${trace.name}: ${trace.dialect} (${trace.format}), ${span}, clock ${trace.clock}`);
    this.print(`I/O queues: ${plural(commands, 'command')}, ${plural(mmio.total, 'MMIO doorbell write')} (SQ ${formatCount(mmio.sq)}, CQ ${formatCount(mmio.cq)})`);
    const { low, high } = bounds.total;
    if (low !== mmio.total || high !== mmio.total) {
      this.print(`  with what the capture may have missed: ${formatCount(low)} .. ${high === null ? 'no upper bound' : formatCount(high)}`);
    }
  }

  /** Doorbell writes over time, where the terminal draws. */
  private printRate({ trace, writes_over_time: writes }: InfoResult, terminal: Terminal): void {
    if (writes.length === 0 || trace.span_ns === null) return;
    this.print('');
    this.print(`MMIO doorbell writes in each ${formatNs(trace.span_ns / writes.length)}, at most ${formatCount(Math.max(...writes))}:`);
    this.print(coloured(sparkline(writes, terminal), 'blue', terminal));
  }

  /** The lives of queues, where a queue has had several: controllers are reset, drivers bound again. */
  private printLives({ lives }: InfoResult): void {
    const io = lives.filter(({ queue }) => queue !== 0);
    if (new Set(io.map(({ controller, queue }) => `${controller} ${queue}`)).size === io.length) return;
    this.print('');
    this.print('lives of the queues');
    const counted = ['commands', 'unfinished', 'sq_mmio', 'cq_mmio', 'sq_shadow', 'cq_shadow'];
    this.printTable(
      ['controller', 'epoch', 'queue', 'from s', 'to s', 'commands', 'unfinished', 'MMIO SQ', 'MMIO CQ', 'shadow SQ', 'shadow CQ'],
      io.map(({ controller = null, epoch = null, queue = null, created_ns, closed_ns, ...counts }) =>
        [controller, epoch, queue, secondsOf(created_ns), secondsOf(closed_ns)].concat(counted.map((name) => counts[name] ?? null)),
      ),
    );
  }

  private printExits({ exits }: InfoResult): void {
    if (exits === null) return;
    const mean = (total: { readonly exits: number; readonly total_ns: number }): string =>
      `${plural(total.exits, 'exit')}, ${formatNs(total.total_ns)}${total.exits === 0 ? '' : `, ${formatNs(total.total_ns / total.exits)} each`}`;
    this.print('');
    this.print(`VM exits: ${mean(exits)}`);
    this.print(`  for SQ doorbells of I/O queues: ${mean(exits.sq_doorbells)}`);
    this.print(`  for CQ doorbells of I/O queues: ${mean(exits.cq_doorbells)}`);
    if (exits.unpaired > 0) this.print(`  ${plural(exits.unpaired, 'exit')} without an entry`);
  }

  private printSources({ trace }: InfoResult): void {
    if (trace.sources.length === 1) return;
    this.print('');
    for (const [number, { source, format, alignment }] of trace.sources.entries()) {
      this.print(`source ${number}: ${printable(source)} (${format})${alignment === null ? '' : `: ${alignmentText(alignment)}`}`);
    }
  }

  private printQueues(controller: InfoResult['controllers'][number], lives: InfoResult['lives']): void {
    this.print('');
    this.print(`controller ${controller.id}, shadow doorbells ${shadowText(controller, lives)}`);
    this.printTable(
      ['queue', 'depth', 'commands', 'MMIO SQ', 'MMIO CQ', 'shadow SQ', 'shadow CQ', 'EventIdx SQ', 'EventIdx CQ', 'interrupts'],
      controller.queues.map((q) => [
        q.qid, q.depth ?? null, q.commands, q.mmio.sq, q.mmio.cq, q.shadow.sq, q.shadow.cq, q.eventidx.sq, q.eventidx.cq, q.interrupts,
      ]),
    );
  }

  private printQuality({ quality }: InfoResult): void {
    const { records } = quality;
    this.print('');
    this.print(
      `records: ${formatCount(records.read)} read = ${formatCount(records.events)} events + ${formatCount(records.ignored)} ignored` +
        ` + ${formatCount(records.unknown)} unknown + ${formatCount(records.rejected)} rejected; ${formatCount(records.lost)} lost`,
    );
    for (const [reason, count] of Object.entries(quality.rejected)) this.print(`  rejected: ${formatCount(count)} x ${printable(reason)}`);
    for (const [name, count] of Object.entries(quality.unknown)) this.print(`  unknown: ${formatCount(count)} x ${printable(name)}`);
    const doubts: readonly (readonly [count: number, noun: string, what: string, many?: string])[] = [
      [quality.queues_inferred, 'queue', 'whose creation was not captured'],
      [quality.completions_unmatched, 'completion', 'without a command'],
      [quality.commands_unfinished, 'command', 'without a completion'],
      [quality.event_requests_open, 'Asynchronous Event Request', 'without a completion: meant to wait for an event, and none came'],
      [quality.reaps_beyond_completions, 'completion queue entry', 'consumed beyond those captured', 'completion queue entries'],
      [quality.queues_forgotten, 'queue', 'beyond the number that is followed at a time'],
      [quality.doorbells_late, 'doorbell write', 'that came after a newer shadow value was read'],
    ];
    for (const [count, noun, what, many] of doubts) if (count > 0) this.print(`  ${plural(count, noun, many)} ${what}`);
  }
}

/** A capture that doesn't show the device at work can't show that it reads no shadow doorbells. */
function shadowText({ id, shadow }: InfoResult['controllers'][number], lives: InfoResult['lives']): string {
  if (shadow) return 'on';
  const own = lives.filter(({ controller, queue }) => controller === id && queue !== 0);
  if (lives.length > 0 && !own.some(({ completed }) => (completed ?? 0) > 0)) return 'not seen: the capture shows only the doorbells that were written, or the driver';
  return own.some(({ whole }) => whole === 0) ? 'not seen: queues are older than the capture' : 'off';
}

function secondsOf(ns: number | null | undefined): string {
  return ns === null || ns === undefined ? '' : (ns / NS_PER_S).toFixed(6);
}
