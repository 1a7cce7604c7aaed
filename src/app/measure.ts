// Everything that a trace or a stored run says in numbers, each with the interval that it can have had by chance.

import { NS_PER_S } from '../base/units.js';
import { BLOCKS, meanMargin, quantileOrders, ratioMargin, totalMargin } from '../metrics/blocks.js';
import type { Measured } from '../metrics/compare.js';
import { DurationHistogram } from '../metrics/histogram.js';
import { type BlockCounts, blockCounts } from '../store/block-counts.js';
import { eachLatency } from '../store/command-times.js';
import type { Store } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import type { RunRow } from '../store/runs.js';
import type { ReplayResult } from './replay.js';
import { overviewOf } from './subject.js';

const QUANTILES = [['p50', 0.5], ['p90', 0.9], ['p99', 0.99]] as const;

/**
 * What a recording says of its I/O queues. Counts get the interval that its own blocks of time give them for this many commands,
 * widened by what may be missing.
 */
export function measureTrace(store: Store, trace: TraceRow): readonly Measured[] {
  const { doorbells, bounds, exits } = overviewOf(store, trace);
  const blocks = trace.clock === 'none' ? undefined : blockCounts(store, trace, BLOCKS);
  const { mmio, commands } = doorbells;
  const count = (metric: string, value: number, parts: readonly number[] | undefined, most: number | null = value): Measured => {
    const margin = parts === undefined ? NaN : commands * ratioMargin(parts, blocks!.commands);
    if (Number.isNaN(margin) || most === null) return bare(metric, 'count', value);
    return { metric, unit: 'count', value, low: Math.max(value - margin, 0), high: Math.max(value + margin, most) };
  };
  const both = blocks?.mmio.sq.map((n, i) => n + blocks.mmio.cq[i]!);
  const queues = doorbells.controllers.flatMap(({ id, queues: own }) => own.map((queue) => ({ prefix: id === 0 ? `queue.${queue.qid}` : `controller.${id}.queue.${queue.qid}`, queue })));
  return [
    count('mmio.sq', mmio.sq, blocks?.mmio.sq, bounds.sq.high),
    count('mmio.cq', mmio.cq, blocks?.mmio.cq, bounds.cq.high),
    count('mmio.total', mmio.total, both, bounds.total.high),
    ...perCommand(mmio.total, commands, blocks),
    { ...bare('commands', 'count', commands), low: commands, high: commands },
    count('interrupts', queues.reduce((sum, { queue }) => sum + queue.interrupts, 0), blocks?.interrupts),
    ...(blocks === undefined ? [] : [rate(blocks)]),
    ...latencies(store, trace),
    ...(exits === undefined ? [] : [bare('exits.total', 'count', exits.all.exits), count('exits.doorbells', exits.doorbells.sq.exits + exits.doorbells.cq.exits, both), bare('exits.doorbells_ns', 'ns', exits.doorbells.sq.totalNs + exits.doorbells.cq.totalNs)]),
    ...queues.flatMap(({ prefix, queue }) => [bare(`${prefix}.mmio.sq`, 'count', queue.mmio.sq), bare(`${prefix}.mmio.cq`, 'count', queue.mmio.cq), bare(`${prefix}.commands`, 'count', queue.commands)]),
  ];
}

function bare(metric: string, unit: Measured['unit'], value: number): Measured {
  return { metric, unit, value, low: null, high: null };
}

/** None where the capture shows no command. */
function perCommand(writes: number, commands: number, blocks: BlockCounts | undefined): readonly Measured[] {
  if (commands === 0) return [];
  const value = writes / commands;
  const margin = blocks === undefined ? NaN : ratioMargin(blocks.mmio.sq.map((n, i) => n + blocks.mmio.cq[i]!), blocks.commands);
  if (Number.isNaN(margin)) return [bare('mmio.per_command', 'ratio', value)];
  return [{ metric: 'mmio.per_command', unit: 'ratio', value, low: Math.max(value - margin, 0), high: value + margin }];
}

/** Over the busy part. */
function rate({ commands: parts, spanNs }: BlockCounts): Measured {
  const perS = NS_PER_S / spanNs;
  const value = parts.reduce((sum, n) => sum + n, 0) * perS;
  const margin = totalMargin(parts) * perS;
  return { metric: 'commands_per_second', unit: 'per second', value, low: Math.max(value - margin, 0), high: value + margin };
}

/**
 * From a command's first known moment to the last. Latencies follow one another's course: what a quantile owes to chance shows in
 * blocks of commands that ended one after the other, and is no less than it would be for independent values.
 */
function latencies(store: Store, trace: TraceRow): readonly Measured[] {
  const all = new DurationHistogram();
  const blocks = Array.from({ length: BLOCKS }, () => new DurationHistogram());
  const count = eachLatency(store, trace.id, (ns, place, of) => {
    all.add(ns);
    blocks[Math.floor((place * BLOCKS) / of)]!.add(ns);
  });
  if (count === 0) return [];
  return QUANTILES.map(([name, p]) => {
    const value = all.quantile(p);
    const [low, high] = quantileOrders(p, count).map((order) => all.quantile(order));
    const margin = count < BLOCKS * 10 ? 0 : meanMargin(blocks.map((block) => block.quantile(p)));
    return { metric: `latency.${name}`, unit: 'ns', value, low: Math.max(Math.min(low!, value - margin), 0), high: Math.max(high!, value + margin) };
  });
}

/** What a stored run predicts. */
export function measureRun(run: RunRow): readonly Measured[] {
  const { predicted } = run.result as Pick<ReplayResult, 'predicted'>;
  const { mmio, mmioInterval, commands, saved, latency, iops, stalls } = predicted;
  const count = (side: 'sq' | 'cq' | 'total'): Measured => ({ metric: `mmio.${side}`, unit: 'count', value: mmio[side], low: mmioInterval[side].low, high: mmioInterval[side].high });
  return [
    count('sq'),
    count('cq'),
    count('total'),
    ...(commands === 0 ? [] : [{ metric: 'mmio.per_command', unit: 'ratio' as const, value: mmio.total / commands, low: mmioInterval.total.low / commands, high: mmioInterval.total.high / commands }]),
    { ...bare('commands', 'count', commands), low: commands, high: commands },
    bare('commands_per_second', 'per second', iops),
    // Stored as null where no command showed both ends.
    ...([['latency.p50', latency.p50Ns], ['latency.p99', latency.p99Ns]] as const).flatMap(([metric, ns]) => (Number.isFinite(ns) ? [bare(metric, 'ns', ns)] : [])),
    { metric: 'saved.fraction', unit: 'ratio', value: saved.fraction, low: saved.low, high: saved.high },
    bare('stalls', 'count', stalls.reduce((sum, stall) => sum + stall.waiting, 0)),
  ];
}
