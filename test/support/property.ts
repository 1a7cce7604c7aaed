// Properties run with a fixed seed, so that a failure is the same on every machine. fast-check prints the counter-example.

import * as fc from 'fast-check';

const SEED = 2014;

/** Asserts that a property holds for `runs` generated cases. */
export function holds<T>(property: fc.IProperty<T>, runs = 200): void {
  fc.assert(property, { seed: SEED, numRuns: runs });
}
