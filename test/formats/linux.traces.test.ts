// All captured Linux text that is at hand: sums, and the same run seen by others.

import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { INTERRUPT_MSIX, KIND } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';
import { SHARED_TRACES, countKinds, decode, sumsAddUp } from './support.js';

const PRESENT = existsSync(SHARED_TRACES);
const WHY = PRESENT ? '' : ' (skipped: ../shared/traces is not present)';

function files(folder: string, pattern: RegExp): string[] {
  if (!existsSync(`${SHARED_TRACES}${folder}`)) return [];
  return readdirSync(`${SHARED_TRACES}${folder}`).filter((file) => pattern.test(file)).map((file) => `${folder}/${file}`);
}

const FTRACE = [
  ...['pairs', 'pinned', 'kvm', 'misc', 'qemu-ftrace'].flatMap((folder) => files(folder, /-ftrace\.txt\.gz$/)),
  ...files('linux-text', /^(?:lost-events|trace-pipe-tgid)\.txt\.gz$/),
];
const PERF = files('linux-text', /^perf-script.*\.txt\.gz$/);
const RUNS = ['pairs', 'pinned', 'kvm'].flatMap((folder) => files(folder, /\.guest-ftrace\.txt\.gz$/)).map((file) => file.replace('.guest-ftrace.txt.gz', ''));

async function eventsOf(file: string): Promise<readonly PlainEvent[]> {
  return (await decode(await openSource(`${SHARED_TRACES}${file}`))).events;
}

/** Command identifiers by I/O queue, in the order of the events. */
function cidsByQueue(events: readonly PlainEvent[], kind: number): Map<number, number[]> {
  const queues = new Map<number, number[]>();
  for (const event of events) {
    if (event.kind !== kind || event.queue === 0) continue;
    const cids = queues.get(event.queue);
    if (cids === undefined) queues.set(event.queue, [event.cid]);
    else cids.push(event.cid);
  }
  return queues;
}

const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

function timeless(event: PlainEvent): PlainEvent {
  return { ...event, timeNs: 0, place: 0 };
}

/** Values of the doorbells, each in the order of the events. */
function doorbells(events: readonly PlainEvent[]): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const { kind, queue, side, value } of events) {
    if (kind !== KIND['doorbell.mmio']) continue;
    const key = `${queue} ${side}`;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function registers(events: readonly PlainEvent[]): Partial<PlainEvent>[] {
  return events
    .filter(({ kind }) => kind === KIND['register.write'] || kind === KIND['register.read'])
    .map(({ kind, value, extra }) => ({ kind, value, extra }));
}

describe.skipIf(!PRESENT)(`captured Linux text${WHY}`, () => {
  test('is there', () => {
    expect(FTRACE.length).toBeGreaterThan(20);
    expect(PERF).toHaveLength(2);
  });

  test.each(FTRACE)('%s: every line is whole and known, and counted once', async (file) => {
    const { events, tally, format, detection } = await decode(await openSource(`${SHARED_TRACES}${file}`));
    expect(format.id).toBe('ftrace');
    expect(detection?.confidence).toBe(1);
    expect(sumsAddUp(tally)).toBe(true);
    expect(tally.counts).toMatchObject({ unknown: 0, rejected: 0 });
    expect(new Set(events.map((event) => event.place)).size).toBe(tally.counts.events);
    expect(events.every((event, i) => i === 0 || event.place >= (events[i - 1]?.place ?? NaN))).toBe(true);
  });

  test.each(PERF)('%s: every line is whole and known, and counted once', async (file) => {
    const { tally, format } = await decode(await openSource(`${SHARED_TRACES}${file}`));
    expect(format.id).toBe('perf-script');
    expect(sumsAddUp(tally)).toBe(true);
    expect(tally.counts).toMatchObject({ read: 4023, events: 2400, unknown: 0, rejected: 0 });
  });

  test('perf script with ns and with us stamps: the same events but for the rounding', async () => {
    const [ns = [], us = []] = await Promise.all(PERF.map(eventsOf));
    expect(ns.map((event) => ({ ...event, timeNs: 0 }))).toEqual(us.map((event) => ({ ...event, timeNs: 0 })));
    expect(Math.max(...ns.map((event, i) => Math.abs(event.timeNs - (us[i]?.timeNs ?? NaN))))).toBeLessThan(1000);
  });

  test.each(['linux-text/bpftrace.txt.gz', 'linux-text/perf.data.gz', 'mmiotrace/randread32-on.mmiotrace.gz', 'trace-cmd/linux6.12-v7.dat.gz'])(
    '%s is none of it',
    async (file) => {
      const found = await decode(await openSource(`${SHARED_TRACES}${file}`)).then((decoded) => decoded.format.id, () => 'none');
      expect(['ftrace', 'perf-script']).not.toContain(found);
    },
  );
});

describe.skipIf(!PRESENT)(`the same run seen twice${WHY}`, () => {
  test("QEMU's ftrace backend and its log backend: the same events, with all their values and threads", async () => {
    const [traced, logged] = await Promise.all([eventsOf('qemu-ftrace/host-ftrace.txt.gz'), eventsOf('qemu-ftrace/qemu.log.gz')]);
    expect(traced.map(timeless)).toEqual(logged.map(timeless));
    // The stamps are taken by the kernel here and by QEMU there, a little later, on a clock that is slewed.
    expect(Math.max(...traced.map((event, i) => Math.abs(event.timeNs - (logged[i]?.timeNs ?? NaN))))).toBeLessThan(10_000_000);
  });

  test.each(RUNS)("%s: the guest's commands are those that the device fetched", async (run) => {
    const [guest, device] = await Promise.all([eventsOf(`${run}.guest-ftrace.txt.gz`), eventsOf(`${run}.qemu.log.gz`)]);
    // The guest's trace was switched on when the disk was known already: before that, the kernel read it four times to look
    // for partitions.
    let before = 4;
    const io = device.filter((event) => !(event.kind === KIND['command.fetch'] && event.queue > 0 && before-- > 0));
    const fetched = cidsByQueue(io, KIND['command.fetch']);
    for (const kind of [KIND['command.setup'], KIND['command.reap']]) {
      const seen = cidsByQueue(guest, kind);
      expect(ascending([...seen.keys()])).toEqual(ascending([...fetched.keys()]));
      for (const [queue, cids] of seen) expect(ascending(cids)).toEqual(ascending(fetched.get(queue) ?? []));
    }
    // Neither sees the admin queue: the trace was on between bring-up and shutdown.
    expect(guest.filter((event) => event.queue === 0)).toEqual([]);
  });

  test.each(['kvm/kvmon', 'kvm/kvmoff'])("%s: KVM's MMIO on the host is what the device says", async (run) => {
    const [host, device] = await Promise.all([eventsOf(`${run}.host-ftrace.txt.gz`), eventsOf(`${run}.qemu.log.gz`)]);
    // Two vCPUs leave the guest at once; QEMU's lock decides which of them is first at the device. Each doorbell keeps its order.
    expect(doorbells(host)).toEqual(doorbells(device));
    expect(registers(host)).toEqual(registers(device));
    const { 'controller.enable': enabled, 'controller.reset': reset, 'controller.shutdown': shutdown } = countKinds(host);
    const { 'controller.enable': started, 'controller.reset': stopped, 'controller.shutdown': ended } = countKinds(device);
    expect([enabled, reset, shutdown]).toEqual([started, stopped, ended]);
  });

  test.each(['kvm/kvmon', 'kvm/kvmoff'])("%s: KVM's interrupt messages are the device's MSI-X interrupts, vector by vector, in order", async (run) => {
    const vectors = (events: readonly PlainEvent[]): number[] =>
      events.filter(({ kind, extra }) => kind === KIND.interrupt && extra === INTERRUPT_MSIX).map(({ value }) => value);
    const [host, device] = await Promise.all([eventsOf(`${run}.host-ftrace.txt.gz`), eventsOf(`${run}.qemu.log.gz`)]);
    expect(vectors(host).length).toBeGreaterThan(100);
    expect(vectors(host)).toEqual(vectors(device));
  });
});
