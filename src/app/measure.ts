// Everything that a trace or a stored run says in numbers, each with the interval that it can have had by chance.

import { NS_PER_S } from '../base/units.js';
import { BLOCKS, quantileOrders, ratioMargin, totalMargin } from '../metrics/blocks.js';
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

/** What a recording says of its I/O queues. Counts get the interval that its own blocks of time give them, widened by what may be missing. */
export function measureTrace(store: Store, trace: TraceRow): readonly Measured[] {
  const { doorbells, bounds, exits } = overviewOf(store, trace);
  const blocks = trace.clock === 'none' ? undefined : blockCounts(store, trace, BLOCKS);
  const count = (metric: string, value: number, parts: readonly number[] | undefined, most?: number | null): Measured => {
    const margin = parts === undefined ? null : totalMargin(parts);
    return { metric, unit: 'count', value, low: margin === null ? null : Math.max(value - margin, 0), high: margin === null || most === null ? null : Math.max(value + margin, most ?? 0) };
  };
  const { mmio, commands } = doorbells;
  const measured: Measured[] = [
    count('mmio.sq', mmio.sq, blocks?.mmio.sq, bounds.sq.high),
    count('mmio.cq', mmio.cq, blocks?.mmio.cq, bounds.cq.high),
    count('mmio.total', mmio.total, blocks?.mmio.sq.map((n, i) => n + blocks.mmio.cq[i]!), bounds.total.high),
    perCommand(mmio.total, commands, blocks),
    count('commands', commands, blocks?.commands),
    count('interrupts', doorbells.controllers.flatMap(({ queues }) => queues).reduce((sum, queue) => sum + queue.interrupts, 0), blocks?.interrupts),
    ...(blocks === undefined ? [] : [rate(commands, blocks)]),
    ...latencies(store, trace),
    ...(exits === undefined ? [] : [bare('exits.total', 'count', exits.all.exits), bare('exits.doorbells', 'count', exits.doorbells.sq.exits + exits.doorbells.cq.exits), bare('exits.doorbells_ns', 'ns', exits.doorbells.sq.totalNs + exits.doorbells.cq.totalNs)]),
  ];
  const queues = doorbells.controllers.flatMap(({ id, queues: own }) => own.map((queue) => ({ prefix: id === 0 ? `queue.${queue.qid}` : `controller.${id}.queue.${queue.qid}`, queue })));
  return [...measured, ...queues.flatMap(({ prefix, queue }) => [bare(`${prefix}.mmio.sq`, 'count', queue.mmio.sq), bare(`${prefix}.mmio.cq`, 'count', queue.mmio.cq), bare(`${prefix}.commands`, 'count', queue.commands)])];
}

function bare(metric: string, unit: Measured['unit'], value: number): Measured {
  return { metric, unit, value, low: null, high: null };
}

function perCommand(writes: number, commands: number, blocks: BlockCounts | undefined): Measured {
  const value = writes / commands;
  const margin = blocks === undefined ? NaN : ratioMargin(blocks.mmio.sq.map((n, i) => n + blocks.mmio.cq[i]!), blocks.commands);
  if (Number.isNaN(margin)) return bare('mmio.per_command', 'ratio', value);
  return { metric: 'mmio.per_command', unit: 'ratio', value, low: Math.max(value - margin, 0), high: value + margin };
}

function rate(commands: number, { commands: parts, spanNs }: BlockCounts): Measured {
  const perS = NS_PER_S / spanNs;
  const margin = totalMargin(parts) * perS;
  return { metric: 'commands_per_second', unit: 'per second', value: commands * perS, low: Math.max(commands * perS - margin, 0), high: commands * perS + margin };
}

/** From a command's first known moment to the last, with the interval that the order of independent values gives. */
function latencies(store: Store, trace: TraceRow): readonly Measured[] {
  const histogram = new DurationHistogram();
  eachLatency(store, trace.id, (ns) => histogram.add(ns));
  if (histogram.count === 0) return [];
  return QUANTILES.map(([name, p]) => {
    const [low, high] = quantileOrders(p, histogram.count);
    return { metric: `latency.${name}`, unit: 'ns', value: histogram.quantile(p), low: histogram.quantile(low), high: histogram.quantile(high) };
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
    { metric: 'mmio.per_command', unit: 'ratio', value: mmio.total / commands, low: mmioInterval.total.low / commands, high: mmioInterval.total.high / commands },
    { ...bare('commands', 'count', commands), low: commands, high: commands },
    bare('commands_per_second', 'per second', iops),
    bare('latency.p50', 'ns', latency.p50Ns ?? NaN),
    bare('latency.p99', 'ns', latency.p99Ns ?? NaN),
    { metric: 'saved.fraction', unit: 'ratio', value: saved.fraction, low: saved.low, high: saved.high },
    bare('stalls', 'count', stalls.reduce((sum, stall) => sum + stall.waiting, 0)),
  ];
}
