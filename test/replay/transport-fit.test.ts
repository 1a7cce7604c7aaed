// The cost of a register write, read off a recording's exits.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import { TransportFit } from '../../src/replay/transport-fit.js';
import { EventWriter } from '../../src/trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { SHARED_TRACES } from '../formats/support.js';
import { BARE } from '../store/support.js';
import { type PlainEvent, writeEvents } from '../support/events.js';

const USERSPACE = TRANSPORTS[0]!;

/** Exits for writes of that side of queue 1, each as long as given. */
function exits(side: number, durations: readonly number[], queue = 1): PlainEvent[] {
  return durations.flatMap((ns, i) => [
    { ...BARE, kind: KIND['vm.exit'], thread: 7, timeNs: i * 1e6, value: 48 },
    { ...BARE, kind: KIND['doorbell.mmio'], thread: 7, timeNs: i * 1e6 + 1, queue, side, value: 1 },
    { ...BARE, kind: KIND['vm.entry'], thread: 7, timeNs: i * 1e6 + ns },
  ]);
}

function fitted(events: readonly PlainEvent[]): ReturnType<TransportFit['result']> {
  const fit = new TransportFit();
  writeEvents(events, fit.consume, 32);
  return fit.result(USERSPACE);
}

const upTo = (n: number, ns: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => ns(i));

test('is the lower quartile of exits for the CQ head, which wake nobody and seldom wait', () => {
  // Three in ten wait for the lock.
  const cq = upTo(40, (i) => (i % 10 < 7 ? 8_000 + i : 90_000));
  const fit = fitted([...exits(SIDE_SQ, upTo(40, () => 20_000)), ...exits(SIDE_CQ, cq)])!;
  expect(fit.vcpuNs).toBe(cq.toSorted((a, b) => a - b)[Math.floor(39 / 4)]);
  expect(fit).toMatchObject({ name: 'userspace-exit (fitted)', needsLock: true });
  expect(fit.deliveryNs / fit.vcpuNs).toBeCloseTo(USERSPACE.deliveryNs / USERSPACE.vcpuNs, 9);
  expect(fit.source).toContain('40 exits for writes of the CQ head');
});

test('takes those for the SQ tail where the others are too few, and nothing where both are', () => {
  expect(fitted([...exits(SIDE_SQ, upTo(30, () => 9_000)), ...exits(SIDE_CQ, upTo(29, () => 5_000))])!.vcpuNs).toBe(9_000);
  expect(fitted([...exits(SIDE_SQ, upTo(29, () => 9_000)), ...exits(SIDE_CQ, upTo(29, () => 5_000))])).toBeUndefined();
  expect(fitted([])).toBeUndefined();
});

test('doorbells of the admin queue count for nothing', () => {
  expect(fitted(exits(SIDE_CQ, upTo(50, () => 9_000), 0))).toBeUndefined();
});

const HOST = 'kvm/kvmoff.host-ftrace.txt.gz';
const present = existsSync(SHARED_TRACES + HOST);

describe.skipIf(!present)(`a host's capture${present ? '' : ' (skipped: not present: ../shared/traces)'}`, () => {
  test('shows what a write costs under nested KVM, with the trace on: far above the default', async () => {
    const fit = new TransportFit();
    await decodeSource(await openSource(SHARED_TRACES + HOST), { writer: new EventWriter(fit.consume), tally: new Tally() });
    const transport = fit.result(USERSPACE)!;
    expect(transport.vcpuNs).toBeGreaterThan(50_000);
    expect(transport.vcpuNs).toBeLessThan(300_000);
    expect(transport.deliveryNs).toBeLessThanOrEqual(transport.vcpuNs);
  });
});
