// Two sets of measurements side by side: differences, their intervals, and thresholds on them.

/** One measurement. Its interval says what it could have been by chance; null where that isn't known. */
export interface Measured {
  /** Dotted name: 'mmio.total', 'queue.1.mmio.sq', 'latency.p99'. */
  readonly metric: string;
  readonly unit: 'count' | 'ns' | 'per second' | 'ratio';
  readonly value: number;
  /** 90 % interval. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Whether B differs from A. `unknown noise`: it does, and nobody can say whether by more than chance. */
export type Verdict = 'same' | 'no difference beyond noise' | 'more' | 'less' | 'unknown noise';

export interface Delta {
  readonly metric: string;
  readonly unit: Measured['unit'];
  readonly a: number;
  readonly b: number;
  /** b - a. */
  readonly difference: number;
  /** Its 90 % interval; null where the noise of A or of B isn't known. */
  readonly low: number | null;
  readonly high: number | null;
  /** Difference / a; null when a is 0. */
  readonly relative: number | null;
  readonly verdict: Verdict;
}

/** Compares what both sides have, in the order of A. */
export function compareMeasured(a: readonly Measured[], b: readonly Measured[]): readonly Delta[] {
  return a.flatMap((one) => {
    const other = b.find(({ metric }) => metric === one.metric);
    return other === undefined || Number.isNaN(one.value) || Number.isNaN(other.value) ? [] : [deltaOf(one, other)];
  });
}

/** The errors of two independent measurements add up as squares. */
function deltaOf(a: Measured, b: Measured): Delta {
  const difference = b.value - a.value;
  const isKnown = a.low !== null && a.high !== null && b.low !== null && b.high !== null;
  const low = isKnown ? difference - Math.hypot(b.value - b.low, a.high - a.value) : null;
  const high = isKnown ? difference + Math.hypot(b.high - b.value, a.value - a.low) : null;
  const relative = a.value === 0 ? null : difference / a.value;
  return { metric: a.metric, unit: a.unit, a: a.value, b: b.value, difference, low, high, relative, verdict: verdictOf(difference, low, high) };
}

function verdictOf(difference: number, low: number | null, high: number | null): Verdict {
  if (difference === 0) return 'same';
  if (low === null || high === null) return 'unknown noise';
  if (low <= 0 && high >= 0) return 'no difference beyond noise';
  return difference > 0 ? 'more' : 'less';
}

/** "mmio.total > +5%": which differences are too large. */
export interface Threshold {
  readonly text: string;
  readonly metric: string;
  readonly comparison: '>' | '>=' | '<' | '<=';
  readonly limit: number;
  /** Whether the limit is a share of A, as 0.05 for 5 %; otherwise it has the metric's unit. */
  readonly isRelative: boolean;
}

const THRESHOLD = /^\s*(?<metric>[a-z0-9_.]+)\s*(?<comparison>>=|<=|>|<)\s*(?<limit>[+-]?\d+(?:\.\d+)?)\s*(?<percent>%?)\s*$/;

/** Reads a threshold; undefined when it is none. */
export function parseThreshold(text: string): Threshold | undefined {
  const groups = THRESHOLD.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const isRelative = groups['percent'] === '%';
  const limit = Number(groups['limit']) / (isRelative ? 100 : 1);
  return { text: text.trim(), metric: groups['metric']!, comparison: groups['comparison'] as Threshold['comparison'], limit, isRelative };
}

/** Whether a difference crosses the threshold. Relative to nothing, any difference is infinite. */
export function crosses({ comparison, limit, isRelative }: Threshold, { difference, relative }: Delta): boolean {
  const infinite = difference === 0 ? 0 : Math.sign(difference) * Infinity;
  const value = isRelative ? (relative ?? infinite) : difference;
  switch (comparison) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    default:
      return value <= limit;
  }
}
