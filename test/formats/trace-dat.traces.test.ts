// Whole captures: against QEMU's log of the same run, against trace-cmd's own reading, and against the guest's text.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { ABSENT } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';
import { tempFolder } from '../support/temp.js';
import { commands, nth, rate, timeShift, writeTraceDat } from '../support/trace-dat.js';
import { FIXTURES, SHARED_TRACES, decode, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

const PRESENT = existsSync(SHARED_TRACES);
const WHY = PRESENT ? '' : ' (skipped: ../shared/traces is not present)';
const TRACE_CMD = spawnSync('trace-cmd', ['--version']).error === undefined;
const WHY_NOT_TRACE_CMD = TRACE_CMD ? '' : ' (skipped: trace-cmd is not installed)';

async function read(path: string): Promise<readonly PlainEvent[]> {
  const { events, tally } = await decode(await openSource(path));
  expect(sumsAddUp(tally)).toBe(true);
  expect(tally.counts).toMatchObject({ unknown: 0, rejected: 0, lost: 0 });
  return events;
}

function ofQueue(events: readonly PlainEvent[], kind: number, queue: number): readonly PlainEvent[] {
  return events.filter((event) => event.kind === kind && event.queue === queue);
}

describe.skipIf(!PRESENT)(`captures${WHY}`, () => {
  test.each([
    ['linux6.12-v6', 3000],
    ['linux6.12-v7', 3000],
    ['linux6.12-v7none', 200],
  ])("%s: each queue's commands stand in a row in QEMU's log of the same run", async (name, count) => {
    const guest = await read(`${SHARED_TRACES}trace-cmd/${name}.dat.gz`);
    const device = await read(`${SHARED_TRACES}trace-cmd/linux6.12.qemu.log.gz`);
    expect(guest.filter(({ kind }) => kind === KIND['command.setup'])).toHaveLength(count);
    expect(guest.filter(({ kind }) => kind === KIND['command.reap'])).toHaveLength(count);
    for (const queue of [1, 2]) {
      const setups = ofQueue(guest, KIND['command.setup'], queue).map(({ cid, opcode }) => `${cid}:${opcode}`);
      const fetches = ofQueue(device, KIND['command.fetch'], queue).map(({ cid, opcode }) => `${cid}:${opcode}`);
      const first = fetches.join().indexOf(setups.join());
      expect(first).toBeGreaterThanOrEqual(0);
      const cids = (kind: number): readonly number[] => ofQueue(guest, kind, queue).map(({ cid }) => cid).toSorted((a, b) => a - b);
      expect(cids(KIND['command.reap'])).toEqual(cids(KIND['command.setup']));
    }
  });

  test("the host's KVM events have the very doorbells of QEMU's log, queue by queue", async () => {
    const [host, device] = [await read(`${SHARED_TRACES}kvm/kvm-ioeventfd.trace.dat.gz`), await read(`${SHARED_TRACES}kvm/kvm-ioeventfd.qemu.log.gz`)];
    for (const queue of [0, 1, 2]) {
      for (const side of [0, 1]) {
        const values = (events: readonly PlainEvent[]): number[] =>
          ofQueue(events, KIND['doorbell.mmio'], queue).filter((event) => event.side === side).map(({ value }) => value);
        expect(values(host).length).toBeGreaterThan(100);
        expect(values(host), `queue ${queue}, side ${side}`).toEqual(values(device));
      }
    }
  });

  test('800,000 records', async () => {
    const { tally, events } = await decode(await openSource(`${SHARED_TRACES}perf/linux6.12-800k-events-v7.dat`));
    expect(tally.counts).toEqual({ read: 800_000, events: 320_000, ignored: 480_000, unknown: 0, rejected: 0, lost: 0 });
    expect(events.every((event, i) => i === 0 || event.timeNs >= (events[i - 1]?.timeNs ?? NaN))).toBe(true);
  });
});

/** Where trace-cmd takes the bytes of cdw10 for text, and prints them as such: when the first is NUL, or all are printable. */
const UNPRINTED = -7;

/** What `trace-cmd report -R -t` says of a record, as the columns of our event. */
function reported(line: string): Record<string, number> | undefined {
  const head = /-(\d+)\s+\[\d+\]\s+(\d+)\.(\d{9}): (nvme_setup_cmd|nvme_complete_rq):\s+(.*)$/.exec(line);
  if (head === null) return undefined;
  const [, thread, seconds, fraction, name, text = ''] = head;
  const field = (key: string): number => Number(new RegExp(`\\b${key}=(-?\\d+)`).exec(text)?.[1] ?? NaN);
  const common = { thread: Number(thread), ns: Number(seconds) * 1e9 + Number(fraction), controller: field('ctrl_id'), queue: field('qid'), cid: field('cid') };
  if (name === 'nvme_complete_rq') return { ...common, kind: KIND['command.reap'], opcode: ABSENT, status: field('status'), value: NaN, extra: NaN };
  const hex = /cdw10=ARRAY\[([^\]]*)\]/.exec(text)?.[1]?.replaceAll(', ', '');
  const opcode = field('opcode');
  if (hex === undefined) return { ...common, kind: KIND['command.setup'], opcode, status: ABSENT, value: UNPRINTED, extra: UNPRINTED };
  const cdw10 = Buffer.from(hex, 'hex');
  const ranged = opcode === 1 || opcode === 2;
  const [value, extra] = ranged ? [Number(cdw10.readBigUInt64LE(0)), cdw10.readUInt16LE(8) + 1] : [NaN, NaN];
  return { ...common, kind: KIND['command.setup'], opcode, status: ABSENT, value, extra };
}

function withoutPlace(events: readonly PlainEvent[]): unknown {
  return events.map((event) => ({ ...event, place: 0 }));
}

/** What `trace-cmd report` prints. It prints something else about once in 150 times for a file of version 6, so what it says twice counts. */
function reportOf(path: string): string {
  const seen = new Set<string>();
  for (let run = 0; run < 6; run++) {
    const { stdout, status } = spawnSync('trace-cmd', ['report', '-R', '-t', '-i', path], { encoding: 'latin1', maxBuffer: 1 << 30 });
    expect(status).toBe(0);
    if (seen.has(stdout)) return stdout;
    seen.add(stdout);
  }
  throw new Error('trace-cmd says something else each time');
}

/** Reads the bytes with trace-cmd and here; the number of commands that are the same. */
async function compare(bytes: Uint8Array): Promise<number> {
  const path = join(tempFolder(), 'trace.dat');
  writeFileSync(path, bytes);
  const expected = reportOf(path).split('\n').map(reported).filter((event) => event !== undefined);
  const { events, summary } = await decode(await openSource(path));
  const origin = Number(summary.originNs);
  const ours = events
    .filter(({ kind }) => kind === KIND['command.setup'] || kind === KIND['command.reap'])
    .map(({ timeNs, thread, controller, queue, cid, kind, opcode, status: code, value, extra }, i) => {
      const unprinted = expected[i]?.['value'] === UNPRINTED;
      const range = unprinted ? { value: UNPRINTED, extra: UNPRINTED } : { value, extra };
      return { thread, ns: origin + timeNs, controller, queue, cid, kind, opcode, status: code, ...range };
    });
  expect(expected.filter(({ value }) => value === UNPRINTED).length).toBeLessThan(expected.length / 4);
  expect(ours).toEqual(expected);
  return ours.length;
}

/** Time and offset of samples over the 3 ms of 300 commands. */
const CHANGING: readonly (readonly [bigint, bigint])[] = [[5_000_000_000n, 1_000_000n], [5_000_900_000n, 1_500_001n], [5_001_500_000n, 1_400_000n], [5_002_900_000n, 3_000_000n]];

describe.skipIf(!TRACE_CMD)(`against trace-cmd${WHY_NOT_TRACE_CMD}`, () => {
  test.each(['linux6.12-v6', 'linux6.12-v7-zstd', 'linux6.12-v7-none'])('%s: every field of every command', async (name) => {
    expect(await compare(fixtureBytes('trace-dat', `${name}.dat.gz`))).toBeGreaterThan(300);
  });

  test.each([
    { version: 6 }, { version: 6, little: false, longBytes: 4 }, { version: 7 }, { version: 7, compression: 'zstd', little: false, longBytes: 4 },
  ] as const)('written as %j, the file is one that trace-cmd reads', async (shape) => {
    const { bytes } = writeTraceDat({ ...shape, buffers: [{ name: '', records: commands(300) }] });
    expect(await compare(bytes)).toBe(600);
  });

  describe.each([6, 7] as const)('options about time, version %i', (version) => {
    test.each<[string, readonly (readonly [number, Buffer | string])[]]>([
      ['an offset', [[7, '1000000']]],
      ['a date', [[1, '0x10']]],
      ['a rate', [[14, rate(3, 1)]]],
      ['one offset for each CPU', [[12, timeShift(0, [[[0n, 7_000_000n]], [[0n, -3_000_000n]]])]]],
      ['an offset for one CPU', [[12, timeShift(0, [[[0n, 10_000n]]])]]],
      ['offsets that change', [[12, timeShift(0, [CHANGING, CHANGING])]]],
      ['offsets that change smoothly', [[12, timeShift(1, [CHANGING, CHANGING.slice(0, 2)])]]],
      ['a smooth change that begins later', [[12, timeShift(1, [CHANGING.slice(1), CHANGING.slice(2)])]]],
      ['fraction bits', [[12, timeShift(0, [[[0n, 7_000_000n]], [[0n, 7_000_000n]]], 4n)]]],
      ['a host that has been up for a year', [[12, timeShift(0, [[[0n, 31_536_000_000_000_000n]], [[0n, 31_536_000_000_000_000n]]])]]],
      ['all of them', [[7, '500'], [12, timeShift(1, [CHANGING, CHANGING])], [14, rate(3, 1)]]],
    ])('%s', async (_, options) => {
      const { bytes } = writeTraceDat({ version, options, buffers: [{ name: '', records: commands(300) }] });
      expect(await compare(bytes)).toBe(600);
    });
  });

  test.skipIf(!PRESENT).each(['linux6.12-v6', 'linux6.12-v7', 'linux6.12-v7none'])(`%s, whole${WHY}`, async (name) => {
    expect(await compare(gunzipSync(readFileSync(`${SHARED_TRACES}trace-cmd/${name}.dat.gz`)))).toBeGreaterThanOrEqual(400);
  });

  test.each(['linux6.12-v6', 'linux6.12-v7-none'])('%s: the text of trace-cmd report, read as ftrace, says the same', async (name) => {
    const folder = tempFolder();
    const path = join(folder, 'trace.dat');
    writeFileSync(path, fixtureBytes('trace-dat', `${name}.dat.gz`));
    const { stdout } = spawnSync('trace-cmd', ['report', '-t', '-i', path], { maxBuffer: 1 << 30 });
    const text = await decode(sourceOf(stdout));
    expect(text.format.id).toBe('ftrace');
    const binary = await decode(await openSource(path));
    expect(text.events).toHaveLength(binary.events.length);
    const comparable = (events: readonly PlainEvent[]): unknown =>
      events.map((event, i) => {
        const unprinted = Number.isNaN(nth(text.events, i).value);
        return { ...event, place: 0, value: unprinted ? 0 : event.value, extra: unprinted ? 0 : event.extra };
      });
    expect(comparable(binary.events)).toEqual(comparable(text.events));
    expect(binary.summary.originNs).toBe(text.summary.originNs);
  });

  // Debian's trace-cmd is built without zlib.
  test.each(['zstd', 'none'])('converted to version 7 with %s, a file of version 6 says the same', async (compression) => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'six.dat'), fixtureBytes('trace-dat', 'linux6.12-v6.dat.gz'));
    const args = ['convert', '--compression', compression, '--file-version', '7', '-i', join(folder, 'six.dat'), '-o', join(folder, 'seven.dat')];
    const { status, stderr } = spawnSync('trace-cmd', args, { encoding: 'utf8' });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(withoutPlace(await read(join(folder, 'seven.dat')))).toEqual(withoutPlace(await read(`${FIXTURES}trace-dat/linux6.12-v6.dat.gz`)));
  });
});
