// Verifier and replay judge the same objects: what the verifier calls safe on both sides of a queue never stalls in a replay;
// the unsound programs do.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { CQ_POLICIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../../src/verify/variants.js';
import { DEFAULT_BOUNDS, verify } from '../../src/verify/verify.js';
import { load, play } from '../support/loads.js';
import { holds } from '../support/property.js';
import { FixedWork, run } from '../support/machine.js';

const isSafe = (policy: Parameters<typeof verify>[0]['policy']): boolean =>
  verify({ policy, driver: DRIVERS[0]!, deviceBarrier: 'full', memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS }).verdict === 'safe';

const safeSq = [...SQ_POLICIES, ...SOUND_VARIANTS, ...FAULTY_VARIANTS].filter(isSafe);
const safeCq = CQ_POLICIES.filter(isSafe);

test('safe policies never stall in random replays, with CQs of 2 entries and more', () => {
  // All but P14; the variants V1 to V3. All but C1 and C3.
  expect([safeSq.length, safeCq.length]).toEqual([20 + 3, 6]);
  const policies = fc.record({ sqPolicy: fc.constantFrom(...safeSq), cqPolicy: fc.constantFrom(...safeCq), driver: fc.constantFrom(...DRIVERS), shadow: fc.constant(true) });
  let finished = 0;
  holds(
    fc.property(load, policies, fc.integer({ min: 2, max: 6 }), (some, chosen, cqDepth) => {
      const { stalls, runaway, submitted, reaped } = play({ ...some, ...chosen }, cqDepth);
      expect({ stalls, runaway, reaped }).toEqual({ stalls: [], runaway: false, reaped: submitted });
      finished += reaped > 0 ? 1 : 0;
    }),
    10_000,
  );
  expect(finished).toBeGreaterThan(7_500);
});

test.each(FAULTY_VARIANTS.slice(0, 2))('$name stalls in a replay of single commands', (sqPolicy) => {
  const { stalls } = run([{ work: new FixedWork([1, 1, 1], 1) }], { shadow: true, sqPolicy });
  expect(stalls).toEqual([expect.objectContaining({ what: 'commands wait in the SQ' })]);
});
