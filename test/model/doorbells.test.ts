// How many doorbells ring: each policy on loads that it is known for.

import { describe, expect, test } from 'vitest';
import { CQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { cqArmWhenFull, cqFollowHead, cqNever, cqTailMinusOne } from '../../src/model/policy/cq.js';
import { armWhenEmpty, followHead, followTail } from '../../src/model/policy/sq.js';
import { KIND, SIDE_SQ } from '../../src/trace/event.js';
import { EXACT_SQ, sqPolicy as sqPolicyOf } from '../support/policies.js';
import { BATCHED, ConstantService, FixedWork, PER_COMMAND, T, V, oneByOne, rings, run, times } from '../support/machine.js';

describe('shadow doorbells off: every announcement is a register write', () => {
  const batches = [3, 1, 4, 1, 5, 2];
  const commands = batches.reduce((sum, n) => sum + n, 0);

  test('the batching driver announces each batch', () => {
    expect(rings(run([{ work: new FixedWork(batches, 16) }], { driver: BATCHED })).sq).toBe(batches.length);
  });

  test('the per-command driver announces each command', () => {
    expect(rings(run([{ work: new FixedWork(batches, 16) }], { driver: PER_COMMAND })).sq).toBe(commands);
  });

  test('each pass over the CQ announces the head once', () => {
    const n = 20;
    const result = run([{ work: oneByOne(n) }]);
    expect(rings(result)).toEqual({ sq: n, cq: n });
    expect(times(result, 'interrupt').length).toBe(n);
  });
});

describe('one command at a time: the device is idle whenever the driver announces', () => {
  const n = 100;

  test.each([sqPolicyOf('P0'), ...EXACT_SQ].map((policy) => [policy.name, policy] as const))('%s rings the SQ once per command', (_, sqPolicy) => {
    const result = run([{ work: oneByOne(n), sqDepth: 8 }], { shadow: true, sqPolicy });
    expect(rings(result).sq).toBe(n);
    expect(result.stalls).toEqual([]);
  });

  test('follow-head rings the CQ once per pass', () => {
    expect(rings(run([{ work: oneByOne(n), sqDepth: 8 }], { shadow: true, cqPolicy: cqFollowHead })).cq).toBe(n);
  });

  test('never rings once per lap: when the head wraps', () => {
    const depth = 8;
    const laps = 5;
    const result = run([{ work: oneByOne(laps * depth), sqDepth: depth }], { shadow: true, cqPolicy: cqNever });
    expect(rings(result).cq).toBe(laps);
    expect(result.stalls).toEqual([]);
  });

  test('arm-when-full leaves an EventIdx behind with each look, which rings at most once in the lap that follows', () => {
    const depth = 8;
    const looks = 5;
    const result = run([{ work: oneByOne(looks * (depth - 1)), sqDepth: depth }], { shadow: true, cqPolicy: cqArmWhenFull });
    expect(times(result, 'eventidx', { side: 'cq' }).length).toBeLessThanOrEqual(looks);
    expect(rings(result).cq).toBeLessThanOrEqual(looks);
    expect(result.stalls).toEqual([]);
  });

  test('tail-minus-one has nothing to say while only one entry is occupied: the first update rings, and one per lap', () => {
    const depth = 8;
    const laps = 5;
    const result = run([{ work: oneByOne(laps * depth), sqDepth: depth }], { shadow: true, cqPolicy: cqTailMinusOne });
    expect(times(result, 'eventidx', { side: 'cq' })).toEqual([]);
    expect(rings(result).cq).toBe(laps);
  });
});

describe('a burst while the device sleeps', () => {
  const burst = 6;
  // The device needs longer to wake than the driver for the whole burst.
  const wake = burst * (V + 2_000);
  const work = (): FixedWork => new FixedWork(Array.from({ length: burst }, () => 1), burst);

  test.each([followTail, followHead, armWhenEmpty].map((policy) => [policy.name, policy] as const))('%s rings once', (_, sqPolicy) => {
    const result = run([{ work: work() }], { shadow: true, sqPolicy, driver: PER_COMMAND, service: new ConstantService({ wake }) });
    expect(rings(result).sq).toBe(1);
    expect(times(result, 'command.fetch').length).toBe(burst);
  });

  test('without shadow doorbells each of them rings', () => {
    expect(rings(run([{ work: work() }], { driver: PER_COMMAND, service: new ConstantService({ wake }) })).sq).toBe(burst);
  });
});

describe('while the device works', () => {
  test.each([
    ['follow-tail rings, though the device would have looked again', followTail, 2],
    ['follow-head does not: it has announced a place that the driver passed already', followHead, 1],
    ['arm-when-empty does not: it has not armed yet', armWhenEmpty, 1],
  ])('%s', (_, sqPolicy, expected) => {
    // The third command comes while the second is being issued: EventIdx was written behind the first, and the tail read again.
    const issue = 2 * T.fetch;
    const work = new FixedWork([2, 1], 3, { afterSubmit: T.wake + issue + issue / 2 });
    const result = run([{ work }], { shadow: true, sqPolicy, service: new ConstantService({ fetch: issue }) });
    expect(rings(result).sq).toBe(expected);
    expect(result.reaped).toBe(3);
  });

  test.each([followTail, followHead].map((policy) => [policy.name, policy] as const))('%s: a command during the issue of the only one is found without a ring', (_, sqPolicy) => {
    const work = new FixedWork([1, 1], 2, { afterSubmit: T.wake + T.fetch });
    const result = run([{ work }], { shadow: true, sqPolicy, service: new ConstantService({ fetch: 2 * T.fetch }) });
    expect(rings(result).sq).toBe(1);
    expect(result.reaped).toBe(2);
  });
});

describe('a CQ smaller than what completes at once', () => {
  // Each batch is posted in two parts: as much as fits, and the rest. The second batch finds the indexes elsewhere.
  const batch = 6;
  const cqDepth = 5;
  const posts = 2 * Math.ceil(batch / (cqDepth - 1));
  const work = (): FixedWork => new FixedWork([batch, batch], batch);

  test.each(CQ_POLICIES.filter(({ name }) => !name.startsWith('never')).map((policy) => [policy.name, policy] as const))(
    '%s: the driver rings when it has made room, and the device posts the rest',
    (_, cqPolicy) => {
      const result = run([{ work: work(), sqDepth: 8, cqDepth }], { shadow: true, cqPolicy });
      expect(result).toMatchObject({ reaped: 2 * batch, stalls: [] });
      expect(times(result, 'interrupt').length).toBe(posts);
    },
  );

  test('without shadow doorbells too', () => {
    const result = run([{ work: work(), sqDepth: 8, cqDepth }]);
    expect(result).toMatchObject({ reaped: 2 * batch, stalls: [] });
    expect(rings(result).cq).toBe(posts);
  });
});

test('the register always gets the value that the shadow word has', () => {
  const sqDepth = 5;
  const { events } = run([{ work: new FixedWork([3, 2, 3, 1, 2, 3], 4), sqDepth }], { shadow: true });
  let submitted = 0;
  let written = 0;
  for (const event of events) {
    if (event.kind === KIND['command.setup']) submitted += 1;
    if (event.kind !== KIND['doorbell.mmio'] || event.side !== SIDE_SQ) continue;
    expect(event.value).toBe(submitted % sqDepth);
    written += 1;
  }
  expect(written).toBeGreaterThan(1);
});
