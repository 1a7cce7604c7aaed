// The driver of the 2014 proposal on a device for its command, which accepts it, refuses it, or is reset and forgets it. Each of
// the eight weaknesses of docs/model.md shows in the result, and its mend takes that away.

import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { GOOGLE_2014, MENDS, mended } from '../../src/model/driver/google.js';
import type { Scenario } from '../../src/model/scenario.js';
import { BATCHED, D, FixedWork, PATIENT_HOST, R, type Run, T, V, oneByOne, rings, run, times } from '../support/machine.js';

const C0H = DEVICES.find(({ name }) => name === 'c0h')!;

/** One queue of single commands, or the given queues, on the vendor's device. */
function play(scenario: Scenario, mends: readonly string[] = [], queues = [{ work: oneByOne(20), qid: 1 }]): Run {
  const driver = mended(GOOGLE_2014, MENDS.filter(({ name }) => mends.includes(name)));
  const rng = new Rng(1, 'others');
  const host = { ...PATIENT_HOST, draw: () => rng.unit() };
  return run(queues, { host, driver, device: C0H, sqPolicy: C0H.sqPolicy, cqPolicy: C0H.cqPolicy, shadow: true, scenario, maxEvents: 50_000 });
}

const SQ_STALL = { what: 'commands wait in the SQ', waiting: 1 };
const ALL_DONE = { stalls: [], reaped: 20, runaway: false };

test('every weakness has a mend, in the order of their numbers', () => {
  expect(MENDS.map(({ weakness }) => weakness)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('without anything unusual it works: one announcement per command, rings as the device asks for them', () => {
  const result = play({});
  expect(result).toMatchObject(ALL_DONE);
  expect(rings(result).sq).toBe(20);
});

describe('1: a read barrier where the full one belongs', () => {
  // The first command goes; the second is stored just before the device, done with the first, arms and looks: the store is still
  // in the buffer when it looks, and the new EventIdx isn't there yet when the driver loads.
  const armed = D + T.wake + R + T.fetch;
  const queues = (): { work: FixedWork; qid: number }[] => [{ work: new FixedWork([1, 1, 1], 2, { afterSubmit: armed - 10 - V }), qid: 5 }];
  const storeBufferNs = 60;

  test('a wake-up is lost', () => {
    const result = play({ storeBufferNs }, [], queues());
    expect(times(result, 'eventidx', { side: 'sq' })).toEqual([armed]);
    expect(result.stalls).toMatchObject([{ qid: 5, atNs: result.durationNs, what: 'commands wait in the SQ', waiting: 2 }]);
  });

  test('not with a full barrier, and not without a store buffer', () => {
    expect(play({ storeBufferNs }, ['barrier'], queues())).toMatchObject({ stalls: [], reaped: 3 });
    expect(play({}, [], queues())).toMatchObject({ stalls: [], reaped: 3 });
  });
});

describe('2: a refused command leaves the queues with freed memory', () => {
  test('it rings or not by what others wrote there, until it stalls', () => {
    const result = play({ refusesConfig: true });
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, ...SQ_STALL }]);
    expect(result.hazards).toContainEqual(expect.objectContaining({ what: 'freed doorbell memory used', qid: 1 }));
  });

  test('mended, every announcement is a register write', () => {
    const result = play({ refusesConfig: true }, ['fallback']);
    expect(result).toMatchObject(ALL_DONE);
    expect(rings(result)).toEqual({ sq: 20, cq: 20 });
  });
});

describe('3: queues use the shadow path before the device knows of it', () => {
  const late = { configAfterNs: 500_000 };

  test('with EventIdx at 0 the first announcement rings, and the second is lost', () => {
    const result = play(late);
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, ...SQ_STALL }]);
    expect(result.reaped).toBe(1);
    // The command was accepted long before the end of the run, which doesn't help: nobody looks.
    expect(times(result, 'dbbuf.config')[0]).toBeGreaterThan(late.configAfterNs);
  });

  test('mended, they use registers until it is accepted', () => {
    const result = play(late, ['order']);
    expect(result).toMatchObject(ALL_DONE);
    expect(rings(result).cq).toBeLessThan(20);
  });
});

describe('4: after a reset nothing is cleared, and the command isn\'t sent again', () => {
  const reset = { resetAfter: 10 };

  test('the driver suppresses rings against an EventIdx that nobody updates', () => {
    const result = play(reset);
    const [resetNs] = times(result, 'controller.reset');
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, ...SQ_STALL }]);
    expect(result.stalls[0]!.atNs).toBeGreaterThan(resetNs!);
    expect(result.reaped).toBeGreaterThanOrEqual(reset.resetAfter);
    expect(times(result, 'dbbuf.config').length).toBe(1);
  });

  test('mended, it goes on as before', () => {
    const result = play(reset, ['reset']);
    expect(result).toMatchObject(ALL_DONE);
    expect(times(result, 'controller.reset').length).toBe(1);
    expect(times(result, 'dbbuf.config').length).toBe(2);
  });
});

test('5: the areas are never freed, but for the mend', () => {
  const leak = expect.objectContaining({ what: 'doorbell memory never freed' });
  expect(play({}).hazards).toEqual([leak]);
  expect(play({}, ['unmap']).hazards).toEqual([]);
});

describe('6: the areas have room for the CPUs that were online', () => {
  const queues = (): { work: FixedWork; qid: number }[] => [1, 2, 3].map((qid) => ({ work: oneByOne(20), qid }));

  test('a queue beyond them uses memory of somebody else, and stalls; the others don\'t', () => {
    const result = play({ onlineCpus: 2 }, [], queues());
    expect(result.stalls).toMatchObject([{ qid: 3, atNs: result.durationNs, ...SQ_STALL }]);
    expect(result.hazards).toContainEqual(expect.objectContaining({ what: 'doorbell memory used beyond its end', qid: 3 }));
    expect(times(result, 'command.reap', { qid: 1 }).length).toBe(20);
  });

  test('mended, there is room', () => {
    expect(play({ onlineCpus: 2 }, ['size'], queues())).toMatchObject({ stalls: [], reaped: 60 });
  });
});

test('7: a refused device of that vendor makes the driver pay barriers for nothing', () => {
  const spare = { what: 'barrier without need', qid: 1, count: 40 };
  expect(play({ refusesConfig: true }, ['fallback']).hazards).toContainEqual(expect.objectContaining(spare));
  expect(play({ refusesConfig: true }, ['fallback', 'condition']).hazards).toEqual([]);
});

describe('8: values in the byte order of the host', () => {
  test('on a big-endian host the device reads values outside of the ring, the driver an EventIdx of 0', () => {
    const result = play({ bigEndianHost: true });
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, ...SQ_STALL }]);
    expect(result.hazards).toContainEqual(expect.objectContaining({ what: 'shadow value outside the ring', qid: 1 }));
  });

  test('not when they are converted, and not on a little-endian host', () => {
    expect(play({ bigEndianHost: true }, ['byte-order'])).toMatchObject(ALL_DONE);
  });
});

test('with everything mended nothing of it is left', () => {
  const all = MENDS.map(({ name }) => name);
  const scenarios: Scenario[] = [{ refusesConfig: true }, { configAfterNs: 500_000 }, { resetAfter: 10 }, { onlineCpus: 1 }, { bigEndianHost: true }, { storeBufferNs: 60 }];
  for (const scenario of scenarios) expect(play(scenario, all)).toMatchObject({ ...ALL_DONE, hazards: [] });
});

test('on a device of another vendor it never sends its command, and writes registers', () => {
  const result = run([{ work: oneByOne(20) }], { driver: GOOGLE_2014, shadow: true });
  expect(result).toMatchObject({ ...ALL_DONE, hazards: [] });
  expect(rings(result)).toEqual({ sq: 20, cq: 20 });
  expect(times(run([{ work: oneByOne(1) }], { driver: BATCHED, device: C0H, shadow: true }), 'dbbuf.config')).toEqual([]);
});

