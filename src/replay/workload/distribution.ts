// Durations as a workload describes them: a constant, or a documented distribution. All in ns.

import { unreachable } from '../../base/assert.js';
import type { Rng } from '../../base/rng.js';

export type Distribution =
  /** Always the same. */
  | { readonly kind: 'constant'; readonly ns: number }
  /** Every value between the two alike. */
  | { readonly kind: 'uniform'; readonly lowNs: number; readonly highNs: number }
  /** Exponential: arrivals and services without memory. */
  | { readonly kind: 'exponential'; readonly meanNs: number }
  /** Log-normal, by its median and its 99 % quantile: most service times look like it. */
  | { readonly kind: 'lognormal'; readonly medianNs: number; readonly p99Ns: number }
  /** One of the values, each alike. */
  | { readonly kind: 'values'; readonly ns: readonly number[] };

/** The standard normal distribution's 99 % quantile. */
const Z99 = 2.326_347_874;

/** Draws from a distribution; each result in ns, 0 or more. */
export type Draw = () => number;

/** Makes the draws of a distribution, whose randomness is the given generator's. */
export function drawsOf(distribution: Distribution, rng: Rng): Draw {
  switch (distribution.kind) {
    case 'constant': {
      const { ns } = distribution;
      return () => ns;
    }
    case 'uniform': {
      const { lowNs, highNs } = distribution;
      return () => lowNs + (highNs - lowNs) * rng.unit();
    }
    case 'exponential': {
      const { meanNs } = distribution;
      return () => -meanNs * Math.log(1 - rng.unit());
    }
    case 'lognormal': {
      const { medianNs, p99Ns } = distribution;
      const sigma = Math.log(p99Ns / medianNs) / Z99;
      return () => medianNs * Math.exp(sigma * normal(rng));
    }
    case 'values': {
      const { ns } = distribution;
      return () => ns[rng.below(ns.length)]!;
    }
    default:
      return unreachable(distribution);
  }
}

/** A standard normal number. [Box and Muller 1958] */
function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng.unit()));
  return radius * Math.cos(2 * Math.PI * rng.unit());
}
