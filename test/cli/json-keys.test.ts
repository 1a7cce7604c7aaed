// Keys of JSON output.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { withJsonKeys } from '../../src/cli/json-keys.js';
import { holds } from '../support/property.js';

test('names of the program become snake_case, at every depth; other keys and all values stay', () => {
  const given = { medianSeed: 1, cells: [{ deviceBusyNs: 2, cq_policy: 'aB' }], 'timer-us': 3, P5: 4, mmio: { sq: 5 }, none: null, Other: 6 };
  expect(withJsonKeys(given)).toEqual({ median_seed: 1, cells: [{ device_busy_ns: 2, cq_policy: 'aB' }], 'timer-us': 3, P5: 4, mmio: { sq: 5 }, none: null, Other: 6 });
});

test('what is keyed by data stays', () => {
  const given = { quality: { unknown: { someEvent: 1 }, rejected: { badLine: 2 } }, rows: [{ myCount: 3 }], baselines: { idleWakes: 4 } };
  expect(withJsonKeys(given)).toEqual(given);
});

test('what it returns has nothing left to change', () => {
  holds(
    fc.property(fc.jsonValue(), (value) => {
      const once = withJsonKeys(value);
      expect(withJsonKeys(once)).toEqual(once);
    }),
  );
});
