// How much a number of a recording owes to chance, from the recording alone: its busy part is cut into blocks of equal time, and
// blocks differ from one another. Counts are seen per command, since how many commands there are is the workload's own doing. The interval covers variation within one recording; recordings of one workload differ by more.

/** Blocks that a recording is cut into. */
export const BLOCKS = 20;
/** 95 % quantile of Student's t with 19 degrees of freedom: a two-sided 90 % interval. */
const T_19 = 1.729;

/** Half the width of the 90 % interval of a total, from its BLOCKS parts. */
export function totalMargin(parts: readonly number[]): number {
  const mean = sum(parts) / parts.length;
  const squares = sum(parts.map((part) => (part - mean) ** 2));
  return T_19 * Math.sqrt((parts.length / (parts.length - 1)) * squares);
}

/** Half the width of the 90 % interval of the mean of BLOCKS parts. */
export function meanMargin(parts: readonly number[]): number {
  return totalMargin(parts) / parts.length;
}

/** Half the width of the 90 % interval of a ratio of two totals; NaN when the lower one is 0. */
export function ratioMargin(upper: readonly number[], lower: readonly number[]): number {
  const whole = sum(lower);
  const ratio = sum(upper) / whole;
  const squares = sum(upper.map((part, i) => (part - ratio * lower[i]!) ** 2));
  return (T_19 * Math.sqrt((upper.length / (upper.length - 1)) * squares)) / whole;
}

/** The orders between which the p-quantile of n independent values lies in 90 % of the cases, as quantiles. */
export function quantileOrders(p: number, n: number): readonly [number, number] {
  const margin = 1.645 * Math.sqrt((p * (1 - p)) / Math.max(n, 1));
  return [Math.max(p - margin, 0), Math.min(p + margin, 1)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
