// The axes of a sweep's chart, with the way from a value to its pixel: labels are placed before anything is drawn.

import { NS_PER_S, NS_PER_US } from '../base/units.js';
import { timeUnit } from './plot.js';

export interface Axis {
  readonly domain: readonly [number, number];
  readonly scale: object;
  readonly axis: object;
  readonly toPx: (value: number) => number;
}

/** Smallest value of an axis on which nothing is written. */
const LEAST_WRITES = 0.001;
const TICKS = [1, 2, 5];
const MAX_TICKS = 7;

/** Logarithmic; what has no writes at all stands at the left edge. */
export function writesAxis(values: readonly number[], widthPx: number): Axis {
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive, ...(positive.length === 0 ? [LEAST_WRITES] : []));
  const most = Math.max(...values, least);
  const domain = [least / 1.4, most * 1.4] as const;
  const [low, high] = domain.map(Math.log10) as [number, number];
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i);
  const all = decades.flatMap((decade) => TICKS.map((tick) => Number((tick * 10 ** decade).toPrecision(1))));
  const within = all.filter((tick) => tick >= domain[0] && tick <= domain[1]);
  const ticks = within.length > MAX_TICKS ? within.filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9)))) : within;
  return {
    domain,
    scale: { type: 'log' },
    axis: { ...(ticks.length < 2 ? { tickCount: 4 } : { values: ticks }), format: '~r', labelFlush: false },
    toPx: (value) => (value <= 0 ? 0 : ((Math.log10(value) - low) / (high - low)) * widthPx),
  };
}

/** Where the largest is this many times the median, the others would lie close together on a linear axis. */
const SPREAD = 8;
/** Least distance of ticks. */
const TICK_PX = 26;
const DECADES = 6;

/** From which size on the axis of these latencies is logarithmic, in ns; null: it is linear throughout. */
export function bendNs(valuesNs: readonly number[]): number | null {
  const sizes = valuesNs.map(Math.abs).filter((size) => size > 0).toSorted((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)];
  return median !== undefined && sizes.at(-1)! > SPREAD * median ? median : null;
}

/** Linear around 0; logarithmic away from it where latencies are too far apart for that. Values in ns, the axis in the unit of the largest. */
export function latencyAxis(valuesNs: readonly number[], heightPx: number): Axis {
  const largest = Math.max(...valuesNs.map(Math.abs)) || NS_PER_US;
  const bendFromNs = bendNs(valuesNs);
  const unit = timeUnit(largest / NS_PER_S);
  const perNs = unit.perSecond / NS_PER_S;
  const values = valuesNs.map((ns) => ns * perNs);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const isWide = bendFromNs !== null;
  const constant = (bendFromNs ?? 1) * perNs;
  const bend = (value: number): number => (isWide ? Math.sign(value) * Math.log1p(Math.abs(value) / constant) : value);
  const unbend = (value: number): number => (isWide ? Math.sign(value) * Math.expm1(Math.abs(value)) * constant : value);
  const marginOf = (bend(most) - bend(least)) * 0.08 || 1;
  const [low, high] = [bend(least) - marginOf, bend(most) + marginOf];
  const toPx = (value: number): number => heightPx - ((bend(value) - low) / (high - low)) * heightPx;
  return {
    domain: [unbend(low), unbend(high)],
    scale: isWide ? { type: 'symlog', constant } : {},
    axis: {
      title: `added latency (${unit.name})`,
      ...(isWide ? { values: bentTicks(unbend(low), unbend(high), toPx) } : { tickCount: Math.max(3, Math.floor(heightPx / 50)) }),
      labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+~r')",
    },
    toPx: (ns) => toPx(ns * perNs),
  };
}

/** 0 and round values on both sides of it, the largest first, as long as they don't come too close to one another. */
function bentTicks(low: number, high: number, toPx: (value: number) => number): number[] {
  const largest = Math.ceil(Math.log10(Math.max(-low, high)));
  const sizes = Array.from({ length: DECADES }, (_, i) => largest - i).flatMap((decade) => [1, 5, 2].map((tick) => Number((tick * 10 ** decade).toPrecision(1))));
  const ticks = [0];
  for (const tick of sizes.flatMap((size) => [size, -size])) {
    if (tick >= low && tick <= high && ticks.every((other) => Math.abs(toPx(other) - toPx(tick)) >= TICK_PX)) ticks.push(tick);
  }
  return ticks.toSorted((a, b) => a - b);
}
