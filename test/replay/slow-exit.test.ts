// What hosts that are slow make a register write and a trace record cost.

import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../src/model/costs.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import { costsAt, recordScale, recordsPerCompletion } from '../../src/replay/record-cost.js';
import { FALLBACK } from '../../src/replay/sampled.js';
import { slowExit } from '../../src/replay/slow-exit.js';
import { NOTHING, QUEUE } from '../support/calibration.js';

const USERSPACE = TRANSPORTS.find(({ name }) => name === 'userspace-exit')!;
const EVENTFD = TRANSPORTS.find(({ name }) => name === 'ioeventfd')!;

const times = (n: number, ns: number): number[] => Array.from({ length: n }, () => ns);

describe('what a record costs, by the time from one completion to the next', () => {
  test('2 us is the usual, and up to twice that can’t be told from it', () => {
    expect(recordScale(times(30, 2_000))).toBe(1);
    expect(recordScale(times(30, 3_999))).toBe(1);
    expect(recordScale(times(30, 100))).toBe(1);
  });

  test('is the median: a few long ones say nothing', () => {
    expect(recordScale([...times(16, 13_000), ...times(15, 900_000)])).toBe(6.5);
    expect(recordScale([...times(16, 2_000), ...times(15, 900_000)])).toBe(1);
  });

  test('of fewer than 30 says nothing', () => {
    expect(recordScale(times(29, 13_000))).toBe(1);
    expect(recordScale([])).toBe(1);
  });

  test('is shared by the records that each completion made', () => {
    expect(recordScale(times(30, 7_000), 3)).toBe(1);
    expect(recordScale(times(30, 39_000), 3)).toBe(6.5);
  });

  test('counts callbacks of the block layer among them, and nothing else', () => {
    const ignored = new Map([['pci_nvme_rw_cb', 100], ['pci_nvme_rw_complete_cb', 100], ['pci_nvme_map_prp', 100], ['pci_nvme_identify', 7], ['rw_cb', 100]]);
    expect(recordsPerCompletion(ignored, 100)).toBe(3);
    expect(recordsPerCompletion(new Map([['nvme_rw_cb', 50]]), 100)).toBe(1.5);
    expect(recordsPerCompletion(new Map(), 100)).toBe(1);
    expect(recordsPerCompletion(ignored, 0)).toBe(1);
  });

  test('goes for the device’s accesses, and for nothing else', () => {
    expect(costsAt(1)).toEqual(DEFAULT_COSTS);
    expect(costsAt(3)).toEqual({ ...DEFAULT_COSTS, shadowReadNs: 3 * DEFAULT_COSTS.shadowReadNs, eventIdxWriteNs: 3 * DEFAULT_COSTS.shadowReadNs });
    expect(costsAt(2, 1_000)).toMatchObject({ shadowReadNs: 2_000, eventIdxWriteNs: 2_000 });
  });
});

describe('what a register write costs on a slow host, by the pace of submissions', () => {
  const slow = (thinkAfterSubmitNs: readonly number[], batches = [1, 1, 1]): typeof NOTHING => ({ ...NOTHING, recordScale: 6.5, vcpusApart: true, queues: [{ ...QUEUE, batches, thinkAfterSubmitNs }] });

  test('is what the shortest gaps leave when the driver’s own part is taken out', () => {
    // More than one gap in ten is undisturbed; what `like` was said to take is in the others beside the think time.
    const gaps = [...times(5, 80_000), ...times(36, 400_000)];
    const found = slowExit(slow(gaps), USERSPACE)!;
    expect(found.vcpuNs).toBe(80_000 + USERSPACE.vcpuNs - FALLBACK.think);
    expect(found.deliveryNs / found.vcpuNs).toBeCloseTo(USERSPACE.deliveryNs / USERSPACE.vcpuNs, 9);
    expect(found).toMatchObject({ name: 'userspace-exit (fitted)', needsLock: true });
    expect(found.source).toContain('6.5 times');
  });

  test('a batch is allowed its commands’ worth of the driver’s time', () => {
    const found = slowExit(slow(times(40, 200_000), [8, 8, 1]), USERSPACE)!;
    expect(found.vcpuNs).toBe(200_000 + USERSPACE.vcpuNs - 8 * FALLBACK.think);
  });

  test('what was fitted from exits is named so once', () => {
    expect(slowExit(slow(times(40, 200_000)), { ...USERSPACE, name: 'userspace-exit (fitted)' })!.name).toBe('userspace-exit (fitted)');
  });

  test('nothing is found where the guest may be as slow as its host: on an emulated CPU', () => {
    expect(slowExit({ ...slow(times(40, 80_000)), vcpusApart: false }, USERSPACE)).toBeUndefined();
  });

  test('nothing is found on an ordinary host, without enough gaps, where the pace leaves no more, and where no lock is taken', () => {
    const gaps = times(40, 80_000);
    expect(slowExit({ ...slow(gaps), recordScale: 1 }, USERSPACE)).toBeUndefined();
    expect(slowExit(slow(gaps.slice(0, 29)), USERSPACE)).toBeUndefined();
    expect(slowExit(slow(times(40, FALLBACK.think)), USERSPACE)).toBeUndefined();
    expect(slowExit(slow(gaps), EVENTFD)).toBeUndefined();
  });
});
