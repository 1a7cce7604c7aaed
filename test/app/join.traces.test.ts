// Joins of whole captures: what the several views of one run say of each other.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ingest } from '../../src/app/ingest.js';
import { ingestJoined } from '../../src/app/join.js';
import type { SourceReport, TraceReport } from '../../src/app/trace-report.js';
import { INTERRUPT_MSIX, KIND } from '../../src/trace/event.js';
import { openStoreForReading } from '../../src/store/open.js';
import { readEvents } from '../../src/store/reader.js';
import { SHARED_TRACES } from '../formats/support.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { tempFolder } from '../support/temp.js';

const present = existsSync(SHARED_TRACES);
const title = present ? 'whole captures' : 'skipped: not present: ../shared/traces';

interface Joined {
  readonly trace: TraceReport;
  readonly sources: readonly SourceReport[];
  readonly events: readonly PlainEvent[];
}

async function joined(...files: readonly string[]): Promise<Joined> {
  return read(await ingestJoined({ paths: files.map((file) => SHARED_TRACES + file), db: db(), toolVersion: '0' }));
}

async function alone(file: string): Promise<Joined> {
  return read(await ingest({ paths: [SHARED_TRACES + file], db: db(), toolVersion: '0' }));
}

let lastDb = '';
function db(): string {
  return (lastDb = join(tempFolder(), 'join.db'));
}

function read({ traces: [trace] }: { readonly traces: readonly TraceReport[] }): Joined {
  const store = openStoreForReading(lastDb);
  onTestFinished(() => store.close());
  const events: PlainEvent[] = [];
  readEvents(store, { id: trace!.id, eventRows: trace!.event_rows }, (batch) => events.push(...plainEvents(batch)));
  return { trace: trace!, sources: trace!.sources, events };
}

/** Events without what tells the captures apart: time, thread, place. */
function steps(events: readonly PlainEvent[], kinds: readonly number[]): readonly unknown[] {
  return events
    .filter((event) => kinds.includes(event.kind))
    .map((event) => ({ ...event, timeNs: NaN, thread: NaN, place: NaN }));
}

const DOORBELLS = [KIND['doorbell.mmio'], KIND['doorbell.shadow'], KIND.eventidx];
const DEVICE = [...DOORBELLS, KIND['command.fetch'], KIND['command.complete'], KIND.interrupt];

describe.skipIf(!present)(title, () => {
  it.each(['kvmon', 'kvmoff'])('%s: three views; nothing of the device is counted twice, nothing is missing', async (run) => {
    const { trace, sources, events } = await joined(`kvm/${run}.guest-ftrace.txt.gz`, `kvm/${run}.host-ftrace.txt.gz`, `kvm/${run}.qemu.log.gz`);
    const qemu = await alone(`kvm/${run}.qemu.log.gz`);
    expect(steps(events, DEVICE)).toEqual(steps(qemu.events, DEVICE));
    const [guest, host] = sources;
    // Every doorbell, register access and MSI-X interrupt of QEMU's log is one of the host's, and the other way round.
    const msix = qemu.events.filter(({ kind, extra }) => kind === KIND.interrupt && extra === INTERRUPT_MSIX);
    const counterparts = [KIND['doorbell.mmio'], KIND['register.read'], KIND['register.write'], KIND['controller.enable'], KIND['controller.reset'], KIND['controller.shutdown']];
    expect(host!.alignment!.events_merged).toBe(steps(qemu.events, counterparts).length + msix.length);
    expect(guest!.alignment).toMatchObject({ method: 'between bounds', events_merged: 0, drift_ppb: 0 });
    expect(trace.event_rows).toBe(events.length);
  });

  it('the clocks of one host are found to be the same distance apart in three captures, by KVM events alone', async () => {
    const offsets: number[] = [];
    for (const [host, log] of [['kvmon.host-ftrace.txt', 'kvmon'], ['kvmoff.host-ftrace.txt', 'kvmoff'], ['kvm-ioeventfd.trace.dat', 'kvm-ioeventfd']]) {
      const { sources } = await joined(`kvm/${host}.gz`, `kvm/${log}.qemu.log.gz`);
      offsets.push(Number(BigInt(sources[0]!.alignment!.offset_ns) - 1_795_369_281_000_000_000n));
    }
    // The fastest of hundreds of exits differ by some microseconds, and the host's clocks were free to drift between the runs.
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(20_000);
  });

  it('guest and device: no command is fetched before it was built or consumed before it was completed', async () => {
    const { sources, events } = await joined('pairs/randread32-off-1.guest-ftrace.txt.gz', 'pairs/randread32-off-1.qemu.log.gz');
    expect(sources[0]!.alignment!.margin_ns).toBeGreaterThanOrEqual(0);
    expect(sources[0]!.alignment!.matches).toBeGreaterThan(0.999 * 12_000);
    const last = new Map<string, number>();
    let inOrder = 0;
    const next: Readonly<Record<number, number>> = {
      [KIND['command.fetch']]: KIND['command.setup'],
      [KIND['command.complete']]: KIND['command.fetch'],
      [KIND['command.reap']]: KIND['command.complete'],
    };
    for (const { kind, queue, cid } of events) {
      if (next[kind] === undefined && kind !== KIND['command.setup']) continue;
      const key = `${queue} ${cid}`;
      if (kind === KIND['command.reap'] && last.get(key) === next[kind]) inOrder += 1;
      last.set(key, kind === KIND['command.fetch'] && last.get(key) !== next[kind] ? NaN : kind);
    }
    expect(inOrder).toBeGreaterThanOrEqual(0.999 * 6_000);
  });

  it('two backends of one QEMU: joined they are the one with the higher rank, event by event', async () => {
    const { sources, events } = await joined('simple/randread32-on.qemu.log.gz', 'simple/randread32-on.simple.gz');
    const log = await alone('simple/randread32-on.qemu.log.gz');
    expect(events.map((event) => ({ ...event, timeNs: NaN, place: NaN }))).toEqual(log.events.map((event) => ({ ...event, timeNs: NaN, place: NaN })));
    expect(sources[1]!.alignment).toMatchObject({ method: 'same events', events_merged: log.events.length, drift_ppb: 0 });
  });

  it('mmiotrace and log: the doorbells of both are the same', async () => {
    const { sources, events } = await joined('mmiotrace/randread32-on.mmiotrace.gz', 'mmiotrace/randread32-on.qemu.log.gz');
    const qemu = await alone('mmiotrace/randread32-on.qemu.log.gz');
    expect(steps(events, DOORBELLS)).toEqual(steps(qemu.events, DOORBELLS));
    // All but the note that the capture's author left.
    const own = await alone('mmiotrace/randread32-on.mmiotrace.gz');
    expect(sources[0]!.alignment!.events_merged).toBe(own.events.length - steps(own.events, [KIND.mark]).length);
  });

  it('four captures of one guest, made one after the other, lie side by side on the timeline of its log', async () => {
    const { sources } = await joined('trace-cmd/linux6.12-v6.dat.gz', 'trace-cmd/linux6.12-v7.dat.gz', 'trace-cmd/linux6.12-v7none.dat.gz', 'trace-cmd/linux6.12.qemu.log.gz');
    const offsets = sources.slice(0, 3).map((source) => Number(BigInt(source.alignment!.offset_ns) - 1_795_368_105_000_000_000n));
    const margin = Math.max(...sources.slice(0, 3).map((source) => source.alignment!.margin_ns!));
    // One guest clock, found three times from other events.
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(2 * margin);
  });
});
