// The axes of a sweep's chart, with the way from a value to its pixel: labels are placed before anything is drawn.

import { durationText, timeUnit } from './plot.js';

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

/** Added latencies this many times their median make the others lie on one line. */
const SPREAD = 40;

/** Linear around 0; logarithmic away from it where latencies are too far apart for that. Values in ns, the axis in the unit of the largest. */
export function latencyAxis(valuesNs: readonly number[], heightPx: number): Axis {
  const sizes = valuesNs.map(Math.abs).filter((size) => size > 0).toSorted((a, b) => a - b);
  const largest = sizes.at(-1) ?? 1000;
  const median = sizes[Math.floor(sizes.length / 2)] ?? largest;
  const unit = timeUnit(largest / 1e9);
  const perNs = unit.perSecond / 1e9;
  const values = valuesNs.map((ns) => ns * perNs);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const constant = median * perNs;
  const isWide = largest > SPREAD * median;
  const bend = (value: number): number => (isWide ? Math.sign(value) * Math.log1p(Math.abs(value) / constant) : value);
  const unbend = (value: number): number => (isWide ? Math.sign(value) * Math.expm1(Math.abs(value)) * constant : value);
  const marginOf = (bend(most) - bend(least)) * 0.08 || 1;
  const [low, high] = [bend(least) - marginOf, bend(most) + marginOf];
  const title = `added latency (${unit.name})`;
  return {
    domain: [unbend(low), unbend(high)],
    scale: isWide ? { type: 'symlog', constant } : {},
    axis: {
      title: isWide ? `${title}, linear up to ${durationText(median / 1e9)}` : title,
      ...(isWide ? { values: bentTicks(unbend(low), unbend(high), constant) } : { tickCount: Math.max(3, Math.floor(heightPx / 50)) }),
      labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+~r')",
    },
    toPx: (ns) => heightPx - ((bend(ns * perNs) - low) / (high - low)) * heightPx,
  };
}

/** 0 and the powers of ten on both sides of it that lie beyond the linear part. */
function bentTicks(low: number, high: number, constant: number): number[] {
  const first = Math.floor(Math.log10(constant));
  const powers = Array.from({ length: 12 }, (_, i) => Number((10 ** (first + i)).toPrecision(1)));
  return [...powers.map((power) => -power).toReversed(), 0, ...powers].filter((tick) => tick >= low && tick <= high);
}
