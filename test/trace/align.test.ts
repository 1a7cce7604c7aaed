// Clocks with a known offset and drift are found again from the traffic that two captures saw.

import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { alignClocks, chooseReference } from '../../src/trace/align/align.js';
import { AnchorLog, VIEW } from '../../src/trace/align/anchors.js';
import type { AnchorPairs } from '../../src/trace/align/pairs.js';
import { pairAnchors } from '../../src/trace/align/pairs.js';
import { fitClock } from '../../src/trace/align/fit.js';
import { KIND, SIDE_SQ } from '../../src/trace/event.js';
import { writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { holds } from '../support/property.js';
import { BARE } from '../store/support.js';

interface Clock {
  readonly shiftNs: number;
  readonly drift: number;
}

/** A run of `commands` commands as the driver and as the device saw it; the driver's stamps are on a clock of its own. */
function run(seed: number, commands: number, clock: Clock): { driver: PlainEvent[]; device: PlainEvent[] } {
  const rng = new Rng(seed, 'run');
  const driver: PlainEvent[] = [];
  const device: PlainEvent[] = [];
  const own = (deviceNs: number): number => Math.round((deviceNs - clock.shiftNs) / (1 + clock.drift));
  let nowNs = 0;
  for (let n = 0; n < commands; n++) {
    nowNs += 20_000 + rng.below(150_000);
    const command = { ...BARE, queue: 1, cid: n % 997 };
    const fetchNs = nowNs + 2_000 + rng.below(60_000);
    const completeNs = fetchNs + 30_000 + rng.below(400_000);
    const reapNs = completeNs + 3_000 + rng.below(80_000);
    driver.push({ ...command, kind: KIND['command.setup'], timeNs: own(nowNs), opcode: 2 });
    driver.push({ ...command, kind: KIND['command.reap'], timeNs: own(reapNs), status: 0 });
    device.push({ ...command, kind: KIND['command.fetch'], timeNs: fetchNs, opcode: 2 });
    device.push({ ...command, kind: KIND['command.complete'], timeNs: completeNs, status: 0 });
  }
  const byTime = (a: PlainEvent, b: PlainEvent): number => a.timeNs - b.timeNs;
  return { driver: driver.toSorted(byTime), device: device.toSorted(byTime) };
}

function logOf(events: readonly PlainEvent[]): AnchorLog {
  const log = new AnchorLog(1);
  writeEvents(events, (batch) => log.push(batch), 512);
  return log;
}

function pairsOf(first: readonly PlainEvent[], second: readonly PlainEvent[]): AnchorPairs {
  const pairs = pairAnchors(logOf(first), logOf(second));
  if (typeof pairs === 'string') throw new Error(pairs);
  return pairs;
}

describe('a clock with an offset and a drift', () => {
  it('is found within the margin that the fit states', () => {
    const clocks = fc.record({
      seed: fc.nat(1000),
      shiftNs: fc.integer({ min: -1e15, max: 1e15 }),
      drift: fc.constantFrom(0, 0, 80e-6, -200e-6),
    });
    holds(
      fc.property(clocks, ({ seed, shiftNs, drift }) => {
        const { driver, device } = run(seed, 3000, { shiftNs, drift });
        const origin = driver[0]!.timeNs;
        const fit = fitClock(pairsOf(driver.map((event) => ({ ...event, timeNs: event.timeNs - origin })), device), VIEW.driver, VIEW.device);
        expect(fit.method).toBe('between bounds');
        expect(fit.matches).toBeGreaterThan(2 * 3000 * 0.99);
        const spanNs = device.at(-1)!.timeNs;
        for (const at of [0, spanNs / 2, spanNs]) {
          const ownNs = Math.round((at - shiftNs) / (1 + drift)) - origin;
          const error = Math.abs(fit.shiftNs + (1 + fit.drift) * ownNs - at);
          expect(error).toBeLessThan(Math.max(fit.marginNs, 0) + 40_000);
        }
      }),
      30,
    );
  });

  it('is found by the fastest doorbell where only one side bounds it', () => {
    const rng = new Rng(7, 'doorbells');
    const host: PlainEvent[] = [{ ...BARE, kind: KIND['vm.exit'], timeNs: 0 }];
    const device: PlainEvent[] = [{ ...BARE, kind: KIND['command.fetch'], queue: 1, cid: 1, timeNs: 5_000_000_000 }];
    for (let n = 0, nowNs = 0; n < 500; n++) {
      nowNs += 50_000 + rng.below(300_000);
      const doorbell = { ...BARE, kind: KIND['doorbell.mmio'], queue: 1, side: SIDE_SQ, value: n % 64 };
      host.push({ ...doorbell, timeNs: nowNs });
      device.push({ ...doorbell, timeNs: nowNs + 5_000_000_000 + 4_000 + rng.below(100_000) });
    }
    const fit = fitClock(pairsOf(host, device), logOf(host).view, logOf(device).view);
    expect(fit.method).toBe('fastest pair');
    expect(fit.marginNs).toBeNaN();
    expect(fit.shiftNs).toBeGreaterThanOrEqual(5_000_000_000 + 4_000);
    expect(fit.shiftNs).toBeLessThan(5_000_000_000 + 6_000);
    expect(fit.drift).toBe(0);
  });
});

test('captures of different runs have nothing in common', () => {
  const a = run(1, 500, { shiftNs: 0, drift: 0 }).driver;
  const b = run(2, 500, { shiftNs: 0, drift: 0 }).device.map((event) => ({ ...event, queue: 9 }));
  expect(pairAnchors(logOf(a), logOf(b))).toBe('nothing in common');
});

test('traffic that repeats itself exactly is ambiguous', () => {
  const beat = (offsetNs: number): PlainEvent[] =>
    Array.from({ length: 400 }, (_, n) => ({ ...BARE, kind: KIND['doorbell.mmio'], queue: 1, side: SIDE_SQ, value: n % 4, timeNs: n * 10_000_000 + offsetNs }));
  expect(pairAnchors(logOf(beat(0)), logOf(beat(123)))).toBe('ambiguous');
});

test('a capture that shares nothing with the reference is aligned by way of another', () => {
  const { driver, device } = run(5, 800, { shiftNs: 3_000_000, drift: 0 });
  const doorbells = Array.from({ length: 200 }, (_, n) => {
    const rng = new Rng(n, 'gap');
    return { ...BARE, kind: KIND['doorbell.mmio'], queue: 2, side: SIDE_SQ, value: n, timeNs: n * 300_000 + rng.below(200_000) };
  });
  const host = doorbells.map((event) => ({ ...event, timeNs: event.timeNs + 1_000_000 }));
  const byTime = (a: PlainEvent, b: PlainEvent): number => a.timeNs - b.timeNs;
  const logs = [logOf(host), logOf([...driver, ...doorbells].toSorted(byTime)), logOf(device)];
  expect(chooseReference(logs)).toBe(2);
  const result = alignClocks(logs, 2, new Map());
  if ('failed' in result) throw new Error('not aligned');
  const [first, second] = result.alignments;
  expect(first).toMatchObject({ to: 1, fit: { matches: 200 } });
  // The host's doorbells are the driver's, 1 ms later.
  expect(first!.fit.shiftNs - second!.fit.shiftNs).toBeCloseTo(-1_000_000, -3);
});
