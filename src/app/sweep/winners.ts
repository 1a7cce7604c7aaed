// Which policy wins under which constraint: fewest register writes per command among those that are safe, never stalled, and
// keep the limits.

import { groupBy } from '../../base/group.js';

/** A configuration with the mean of its cells. */
export interface Point {
  readonly trace: string;
  readonly driver: string;
  readonly transport: string;
  readonly policy: string;
  readonly cq_policy: string;
  readonly cells: number;
  readonly mmio_per_io: number;
  readonly p50_ns: number | null;
  readonly p99_ns: number | null;
  readonly poll_cpu: number;
  /** Cells in which work stood still or the run was cut off. */
  readonly stalled: number;
  readonly verdict: string;
  readonly unsafe_policy: string | null;
}

/** Limits that a configuration must keep; undefined: no limit. */
export interface Constraints {
  readonly maxP50Us?: number | undefined;
  readonly maxP99Us?: number | undefined;
  /** Share of the time that the device may spend polling for nothing, 0..1. */
  readonly maxPollCpu?: number | undefined;
}

export interface Winner {
  readonly constraint: string;
  readonly trace: string;
  readonly driver: string;
  readonly transport: string;
  /** null when no configuration keeps the limits. */
  readonly winner: Point | null;
}

/** Whether a policy may be recommended at all. */
export function isSound({ verdict, stalled }: Point): boolean {
  return verdict === 'safe' && stalled === 0;
}

/** Whether it keeps the limits. */
export function keeps({ p50_ns: p50, p99_ns: p99, poll_cpu: poll }: Point, { maxP50Us, maxP99Us, maxPollCpu }: Constraints): boolean {
  const within = (value: number | null, limit: number | undefined): boolean => limit === undefined || (value !== null && value <= limit);
  return within(p50, maxP50Us === undefined ? undefined : maxP50Us * 1000) && within(p99, maxP99Us === undefined ? undefined : maxP99Us * 1000) && within(poll, maxPollCpu);
}

/** Fewer register writes first; where they are equal the lower latency, less polling, and the name decide. */
export function better(a: Point, b: Point): number {
  return a.mmio_per_io - b.mmio_per_io || (a.p99_ns ?? Infinity) - (b.p99_ns ?? Infinity) || a.poll_cpu - b.poll_cpu || (`${a.policy}+${a.cq_policy}` < `${b.policy}+${b.cq_policy}` ? -1 : 1);
}

/** The winners for each trace, driver and transport: without limits, with each limit alone, and with all of them. */
export function winners(points: readonly Point[], constraints: Constraints): readonly Winner[] {
  const groups = groupBy(points, ({ trace, driver, transport }) => JSON.stringify([trace, driver, transport]));
  return [...groups.values()].flatMap((group) =>
    casesOf(constraints).map((limits): Winner => {
      const { trace, driver, transport } = group[0]!;
      const sound = group.filter((point) => isSound(point) && keeps(point, limits)).toSorted(better);
      return { constraint: textOf(limits), trace, driver, transport, winner: sound[0] ?? null };
    }),
  );
}

function casesOf({ maxP50Us, maxP99Us, maxPollCpu }: Constraints): readonly Constraints[] {
  const single = [{ maxP50Us }, { maxP99Us }, { maxPollCpu }].filter((limit) => Object.values(limit).some((value) => value !== undefined));
  return [{}, ...single, ...(single.length > 1 ? [{ maxP50Us, maxP99Us, maxPollCpu }] : [])];
}

/** The limits in words. */
export function textOf({ maxP50Us, maxP99Us, maxPollCpu }: Constraints): string {
  const parts = [
    maxP50Us === undefined ? '' : `p50 <= ${maxP50Us} us`,
    maxP99Us === undefined ? '' : `p99 <= ${maxP99Us} us`,
    maxPollCpu === undefined ? '' : `polling <= ${maxPollCpu}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}
