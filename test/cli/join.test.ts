// Several captures of one run on one timeline, through the real binary.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const GUEST = fixture('joined/kvm-on.guest.trace.gz');
const HOST = fixture('joined/kvm-on.host.trace.gz');
const QEMU = fixture('joined/kvm-on.qemu.log.gz');

interface Report {
  readonly id: number;
  readonly name: string;
  readonly known: boolean;
  readonly event_rows: number;
  readonly records: { readonly read: number; readonly events: number };
  readonly sources: readonly {
    readonly source: string;
    readonly records: { readonly read: number; readonly events: number };
    readonly alignment: { readonly method: string; readonly offset_ns: string; readonly matches: number; readonly margin_ns: number | null; readonly events_merged: number };
  }[];
}

async function ingestJson(folder: string, ...args: readonly string[]): Promise<readonly Report[]> {
  const { code, stdout, stderr } = await bellwether(folder, 'ingest', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' });
  return (JSON.parse(stdout) as { traces: Report[] }).traces;
}

async function query(folder: string, sql: string): Promise<unknown> {
  const { code, stdout, stderr } = await bellwether(folder, 'query', '--json', sql);
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' });
  return (JSON.parse(stdout) as { rows: unknown }).rows;
}

test('three views of one run become one trace; events that two of them saw are counted once', async () => {
  const folder = tempFolder();
  const [trace, ...others] = await ingestJson(folder, '--join', '--name', 'run1', GUEST, HOST, QEMU);
  expect(others).toEqual([]);
  expect(trace).toMatchObject({ id: 1, name: 'run1', known: false, format: 'joined', clock: 'realtime' });
  const [guest, host, qemu] = trace!.sources;
  expect(guest!.alignment).toMatchObject({ method: 'between bounds', aligned_to: 2 });
  expect(host!.alignment).toMatchObject({ method: 'fastest pair', aligned_to: 2, margin_ns: null });
  expect(qemu!.alignment).toMatchObject({ method: 'reference', offset_ns: '0' });
  // Each doorbell write that the host trapped is one that QEMU saw.
  expect(host!.alignment.events_merged).toBe(host!.alignment.matches);
  const merged = trace!.sources.reduce((sum, source) => sum + source.alignment.events_merged, 0);
  const events = trace!.sources.reduce((sum, source) => sum + source.records.events, 0);
  expect(trace!.records.events).toBe(events);
  expect(trace!.event_rows).toBe(events - merged);

  // The doorbells of the joined trace are those of QEMU's log alone.
  await ingestJson(folder, '--name', 'alone', QEMU);
  const doorbells = "SELECT kind, queue, side, value FROM doorbells WHERE trace = '%' ORDER BY seq";
  expect(await query(folder, doorbells.replace('%', 'run1'))).toEqual(await query(folder, doorbells.replace('%', 'alone')));
  // In the joined trace, no command is fetched before the driver built it.
  const early = `SELECT count(*) AS early FROM events AS s JOIN events AS f USING (trace, queue, cid)
    WHERE s.trace = 'run1' AND s.kind = 'command.setup' AND f.kind = 'command.fetch' AND f.seq < s.seq AND s.seq - f.seq < 500`;
  expect(await query(folder, early)).toEqual([{ early: 0 }]);
}, 30_000);

test('the same join again is recognised; with other offsets it is another trace', async () => {
  const folder = tempFolder();
  const [first] = await ingestJson(folder, '--join', GUEST, QEMU);
  expect(first!.name).toBe('kvm-on');
  const [again] = await ingestJson(folder, '--join', GUEST, QEMU);
  expect(again).toMatchObject({ id: first!.id, known: true });
  const offsetNs = BigInt(first!.sources[0]!.alignment.offset_ns);
  const offset = `${offsetNs / 1_000_000_000n}.${String(offsetNs % 1_000_000_000n).padStart(9, '0')}`;
  const [given] = await ingestJson(folder, '--join', GUEST, QEMU, '--name', 'given', '--offset', `kvm-on.guest.trace.gz=${offset}`);
  expect(given).toMatchObject({ known: false, event_rows: first!.event_rows });
  expect(given!.sources[0]!.alignment).toMatchObject({ method: 'given', offset_ns: String(offsetNs) });
  const times = 'SELECT kind, time_ns FROM events WHERE trace = ';
  expect(await query(folder, `${times}'given' ORDER BY seq`)).toEqual(await query(folder, `${times}'kvm-on' ORDER BY seq`));
}, 30_000);

test('--clock and --offset hold for a single capture too', async () => {
  const folder = tempFolder();
  await ingestJson(folder, GUEST);
  const { code, stderr } = await bellwether(folder, 'ingest', GUEST, '--offset', '2');
  expect(code).toBe(EXIT.usage);
  expect(stderr).toContain('--force');
  await ingestJson(folder, GUEST, '--force', '--offset', '2.5', '--clock', 'boot');
  expect(await query(folder, 'SELECT clock, origin_ns FROM traces')).toEqual([{ clock: 'boot', origin_ns: 7_160_099_000 + 2_500_000_000 }]);
}, 30_000);

describe('what can not be joined is refused with the way out, and nothing is kept', () => {
  test.each([
    ['of different runs', [GUEST, fixture('qemu-log/randread32-off-1.qemu.log.gz')], EXIT.input, /can't be put on the timeline of the others: nothing in common/, /--offset/],
    ['without time stamps', [GUEST, fixture('qemu-log/qemu7.2-all-events-no-timestamps.qemu.log.gz')], EXIT.input, /has no time stamps/, /-msg timestamp=on/],
    ['one and the same', [QEMU, QEMU], EXIT.usage, /two captures or more of different content/, /--join/],
    ['alone', [QEMU], EXIT.usage, /two captures or more/, /--join/],
  ] as const)('%s', async (_name, paths, code, message, suggestion) => {
    const folder = tempFolder();
    const result = await bellwether(folder, 'ingest', '--join', ...paths);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(suggestion);
    expect((await bellwether(folder, 'traces')).code).toBe(EXIT.store);
  });

  test('a name for several sources points to --join', async () => {
    const folder = tempFolder();
    copyFileSync(GUEST, join(folder, 'a.gz'));
    copyFileSync(QEMU, join(folder, 'b.gz'));
    const { code, stderr } = await bellwether(folder, 'ingest', 'a.gz', 'b.gz', '--name', 'run1');
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('--join');
  });
});
