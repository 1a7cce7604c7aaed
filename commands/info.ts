import { Args } from '@oclif/core';
import { printable } from '../src/base/text.js';
import { formatCount, formatNs, plural } from '../src/base/units.js';
import { alignmentText } from '../src/app/alignment-text.js';
import type { InfoResult } from '../src/app/info.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { printTable } from '../src/cli/table.js';

export default class Info extends BaseCommand {
  static override summary = 'Show what a trace holds: queues, doorbells, and how good the data is.';
  static override examples = ['<%= config.bin %> <%= command.id %> randread32-off-1', '<%= config.bin %> <%= command.id %> 1 --json'];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = { db: dbFlag };

  async run(): Promise<InfoResult> {
    const { args, flags } = await this.parse(Info);
    const { info } = await import('../src/app/info.js');
    const result = info(flags.db, args.trace);
    this.printTrace(result);
    for (const controller of result.controllers) this.printQueues(controller);
    this.printSources(result);
    this.printQuality(result);
    return result;
  }

  private printTrace({ trace, mmio, commands }: InfoResult): void {
    const span = trace.span_ns === null ? 'no time stamps' : formatNs(trace.span_ns);
    this.print(`${trace.name}: ${trace.dialect} (${trace.format}), ${span}, clock ${trace.clock}`);
    this.print(`I/O queues: ${plural(commands, 'command')}, ${plural(mmio.total, 'MMIO doorbell write')} (SQ ${formatCount(mmio.sq)}, CQ ${formatCount(mmio.cq)})`);
  }

  private printSources({ trace }: InfoResult): void {
    if (trace.sources.length === 1) return;
    this.print('');
    for (const [number, { source, format, alignment }] of trace.sources.entries()) {
      this.print(`source ${number}: ${printable(source)} (${format})${alignment === null ? '' : `: ${alignmentText(alignment)}`}`);
    }
  }

  private printQueues(controller: InfoResult['controllers'][number]): void {
    this.print('');
    this.print(`controller ${controller.id}, shadow doorbells ${controller.shadow ? 'on' : 'off'}`);
    printTable(
      ['queue', 'depth', 'commands', 'MMIO SQ', 'MMIO CQ', 'shadow SQ', 'shadow CQ', 'EventIdx SQ', 'EventIdx CQ', 'interrupts'],
      controller.queues.map((q) => [
        q.qid, q.depth ?? null, q.commands, q.mmio.sq, q.mmio.cq, q.shadow.sq, q.shadow.cq, q.eventidx.sq, q.eventidx.cq, q.interrupts,
      ]),
      (line) => this.print(line),
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
    const doubts: readonly (readonly [number, string])[] = [
      [quality.queues_inferred, 'queues whose creation was not captured'],
      [quality.completions_unmatched, 'completions without a command'],
      [quality.commands_unfinished, 'commands without a completion'],
      [quality.reaps_beyond_completions, 'completion queue entries consumed beyond those captured'],
      [quality.doorbells_late, 'doorbell writes that came after a newer shadow value was read'],
    ];
    for (const [count, what] of doubts) if (count > 0) this.print(`  ${formatCount(count)} ${what}`);
  }
}
