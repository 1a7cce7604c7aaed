// What a trace.dat can look like: written here, since no machine at hand makes all of it.

import { describe, expect, test } from 'vitest';
import { traceDat } from '../../src/formats/trace-dat/trace-dat.js';
import { ABSENT } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import { COMPLETE, PRINT, SETUP, UNKNOWN, commands, nth, timeShift, writeTraceDat } from '../support/trace-dat.js';
import type { RecordSpec, TraceDatSpec } from '../support/trace-dat.js';
import { countKinds, decode, decodeWith, sourceOf, sumsAddUp } from './support.js';
import type { Outcome } from './support.js';

const COMMANDS = 400;
const RUN = commands(COMMANDS);
const SPEC: TraceDatSpec = { version: 6, buffers: [{ name: '', records: RUN }] };

function read(spec: TraceDatSpec): ReturnType<typeof decodeWith> {
  return decodeWith(traceDat, writeTraceDat(spec).bytes);
}

/** Events without the place in the file, which differs from one writing to another. */
function said({ events }: Outcome): unknown {
  return events.map((event) => ({ ...event, place: 0 }));
}

const BASE = read(SPEC);

test('a command is what its fields say', () => {
  const [setup] = BASE.events;
  expect(setup).toMatchObject({
    kind: KIND['command.setup'], timeNs: 0, thread: 100, controller: 0, queue: 1, cid: 0x1000, opcode: 2, value: 0, extra: 8,
  });
  expect(BASE.events.find(({ cid }) => cid === 0x1000 + 399)).toMatchObject({ queue: 2, thread: 101, value: 8 * 399, timeNs: 399 * 10_000 });
  expect(countKinds(BASE.events)).toEqual({ 'command.setup': COMMANDS, 'command.reap': COMMANDS });
  expect(BASE.summary).toEqual({ clock: 'trace', originNs: 5_000_000_000n, dialect: 'trace.dat 6, 2 CPUs, 64-bit, clock local' });
});

test('a place is the byte at which the record stands in the file', () => {
  const { bytes } = writeTraceDat(SPEC);
  for (const { place, kind } of BASE.events) {
    expect(bytes.readUInt16LE(place)).toBe(kind === KIND['command.setup'] ? SETUP.id : COMPLETE.id);
  }
});

describe.each([6, 7] as const)('version %i', (version) => {
  const compressions = version === 6 ? (['none'] as const) : (['none', 'zlib', 'zstd'] as const);
  const shapes = compressions.flatMap((compression) =>
    [true, false].flatMap((little) => ([4, 8] as const).flatMap((longBytes) => [1024, 4096, 65_536].map((pageBytes) => ({ compression, little, longBytes, pageBytes })))),
  );

  test.each(shapes)('$compression, little $little, long $longBytes, page $pageBytes: the same events', (shape) => {
    const outcome = read({ ...SPEC, ...shape, version });
    expect(said(outcome)).toEqual(said(BASE));
    expect(outcome.tally.counts).toEqual(BASE.tally.counts);
    expect(outcome.summary.originNs).toBe(BASE.summary.originNs);
  });

  test('lost records become marks with their amount; each mark counts as a record', () => {
    const records = RUN.map((record, i): RecordSpec => (i === 100 ? { ...record, lost: 7 } : i === 300 ? { ...record, lost: null } : record));
    const outcome = read({ ...SPEC, version, buffers: [{ name: '', records }] });
    const marks = outcome.events.filter(({ kind }) => kind === KIND.lost);
    expect(marks.map(({ value }) => value)).toEqual([7, NaN]);
    expect(outcome.events[100]).toMatchObject({ kind: KIND.lost, timeNs: nth(BASE.events, 100).timeNs, thread: ABSENT });
    expect(outcome.tally.counts).toMatchObject({ read: 2 * COMMANDS + 2, events: 2 * COMMANDS + 2, lost: 7 });
  });

  test.each([6, 7] as const)('a file of version %i behind it is not lost in silence', (second) => {
    const { bytes } = writeTraceDat({ ...SPEC, version });
    const { tally, events } = decodeWith(traceDat, Buffer.concat([bytes, writeTraceDat({ ...SPEC, version: second }).bytes]));
    expect(events).toHaveLength(BASE.events.length);
    expect(tally.rejects).toEqual([{ place: bytes.length, reason: expect.stringMatching(/^another trace\.dat begins here/) as string, text: '' }]);
    expect(sumsAddUp(tally)).toBe(true);
  });

  test('records of two buffers are merged by time', () => {
    const half = [0, 1].map((side) => RUN.filter((_, i) => i % 2 === side));
    const buffers = [{ name: '', records: nth(half, 0) }, { name: 'second', records: nth(half, 1) }];
    const outcome = read({ ...SPEC, version, buffers });
    expect(outcome.tally.counts).toEqual(BASE.tally.counts);
    expect(outcome.events.map(({ timeNs }) => timeNs)).toEqual(BASE.events.map(({ timeNs }) => timeNs));
  });
});

describe.each([6, 7] as const)('TIME_SHIFT in version %i', (version) => {
  test('puts the times on the clock of the host, CPU by CPU', () => {
    const options = [[12, timeShift(0, [[[0n, 2_000_000n]], [[0n, -1_000_000n]]])]] as const;
    const { events, summary } = read({ ...SPEC, version, options });
    const expected = BASE.events.map(({ timeNs, thread }) => 5_000_000_000 + timeNs + (thread === 100 ? 2_000_000 : -1_000_000)).toSorted((a, b) => a - b);
    expect(events.map(({ timeNs }) => Number(summary.originNs) + timeNs)).toEqual(expected);
  });

  test.each([
    ['scales', timeShift(0, [[[0n, 7n]]], 1n, 3n), /^TIME_SHIFT scales the stamps/],
    ['is torn', timeShift(0, [[[0n, 7n]]]).subarray(0, 30), /^a time shift has 1 samples, and 10 bytes are left$/],
    ['has too many samples', Buffer.concat([timeShift(0, []), Buffer.alloc(400, 0xff)]).fill(0xff, 12), /^a time shift has \d+ CPUs, more than 8192$/],
  ])('that %s is refused, and nothing else', (_, option, reason) => {
    const outcome = read({ ...SPEC, version, options: [[12, option]] });
    expect(said(outcome)).toEqual(said(BASE));
    expect(outcome.summary.originNs).toBe(BASE.summary.originNs);
    expect([...outcome.tally.rejectReasons.keys()]).toEqual([expect.stringMatching(reason)]);
    expect(sumsAddUp(outcome.tally)).toBe(true);
  });
});

test('a buffer with another clock is counted, not mixed in', () => {
  const buffers = [{ name: '', records: RUN }, { name: 'other', clock: 'mono', records: RUN.slice(0, 10) }];
  const outcome = read({ ...SPEC, version: 7, buffers });
  expect(said(outcome)).toEqual(said(BASE));
  expect([...outcome.tally.ignoredNames]).toEqual([['(buffer other: clock mono)', 10]]);
  expect(sumsAddUp(outcome.tally)).toBe(true);
});

test('deltas, extended deltas, absolute stamps, new pages and discarded records give the same times', () => {
  const start = 1n << 40n;
  const far = RUN.map((record, i): RecordSpec => ({ ...record, time: start + BigInt(i) * 100_000_007n }));
  const times = far.map(({ time }) => Number(time - start));
  for (const change of [{}, { absolute: true }, { afterDiscard: true }, { newPage: true }]) {
    const outcome = read({ ...SPEC, buffers: [{ name: '', records: far.map((record) => ({ ...record, ...change })) }] });
    expect(outcome.events.map(({ timeNs }) => timeNs), JSON.stringify(change)).toEqual(times);
    expect(outcome.tally.counts.read).toBe(far.length);
  }
});

test('an absolute stamp keeps the upper five bits of the time before it', () => {
  const start = (5n << 59n) + 1000n;
  const records = RUN.slice(0, 20).map((record, i): RecordSpec => ({ ...record, time: start + BigInt(i), absolute: true }));
  const outcome = read({ ...SPEC, buffers: [{ name: '', records }] });
  expect(outcome.events.map(({ timeNs }) => timeNs)).toEqual(records.map((_, i) => i));
  expect(BigInt.asUintN(64, outcome.summary.originNs)).toBe(start);
});

describe('clocks', () => {
  test.each([
    ['local', 'trace'], ['global', 'trace'], ['perf', 'trace'], ['mono', 'monotonic'], ['mono_raw', 'trace'], ['boot', 'boot'], ['tai', 'trace'],
  ])('%s is %s', (clock, expected) => {
    for (const version of [6, 7] as const) expect(read({ ...SPEC, version, clock }).summary.clock).toBe(expected);
  });

  test.each(['counter', 'uptime', 'x86-tsc', 'frobnicate'])('%s has no unit: an order, and no times', (clock) => {
    const { summary, events } = read({ ...SPEC, version: 7, clock });
    expect(summary).toMatchObject({ clock: 'none', originNs: 0n });
    expect(events.every(({ timeNs }) => Number.isNaN(timeNs))).toBe(true);
    expect(events.map(({ cid }) => cid)).toEqual(BASE.events.map(({ cid }) => cid));
  });

  test('a time-stamp counter with its rate is nanoseconds', () => {
    const rate = Buffer.alloc(16);
    rate.writeUInt32LE(3, 0);
    rate.writeUInt32LE(1, 4);
    const { summary, events } = read({ ...SPEC, version: 7, clock: 'x86-tsc', options: [[14, rate]] });
    expect(summary).toMatchObject({ clock: 'trace', originNs: (5_000_000_000n * 3n) >> 1n });
    expect(events.map(({ timeNs }) => timeNs)).toEqual(BASE.events.map(({ timeNs }) => timeNs * 1.5));
  });

  test('offset in ns and date in us are added; a date makes wall-clock time', () => {
    const shifted = read({ ...SPEC, options: [[7, '-1000\0']] }).summary;
    expect(shifted).toMatchObject({ clock: 'trace', originNs: 4_999_999_000n });
    const dated = read({ ...SPEC, options: [[1, '0x10\0'], [7, '5\0']] }).summary;
    expect(dated).toMatchObject({ clock: 'realtime', originNs: 5_000_000_000n + 16_000n + 5n });
  });

  test('equal stamps keep the order of the CPUs', () => {
    const records = RUN.map((record): RecordSpec => ({ ...record, time: 1000n }));
    const { events } = read({ ...SPEC, buffers: [{ name: '', records }] });
    expect(events.map(({ queue }) => queue)).toEqual([...Array(COMMANDS).fill(1), ...Array(COMMANDS).fill(2)]);
  });

  test('a record 104 days away from the first is refused', () => {
    const records = [nth(RUN, 0), { ...nth(RUN, 2), time: nth(RUN, 0).time + 2n ** 53n, newPage: true }];
    const { tally } = read({ ...SPEC, buffers: [{ name: '', records }] });
    expect(tally.counts).toMatchObject({ read: 2, events: 1, rejected: 1 });
  });
});

function one(record: Partial<RecordSpec>): ReturnType<typeof read> {
  return read({ ...SPEC, buffers: [{ name: '', records: [{ ...nth(RUN, 0), ...record }] }] });
}

describe('records', () => {
  test('an event that no table knows is counted by system and name', () => {
    expect([...one({ event: UNKNOWN, values: {} }).tally.unknownNames]).toEqual([['sched:sched_frobnicate', 1]]);
  });

  test('one whose number the file does not describe is rejected', () => {
    const { tally } = one({ event: { ...SETUP, id: 1499 }, values: { ...nth(RUN, 0).values, common_pid: 1 }, bytes: 6 });
    expect(tally.counts).toMatchObject({ read: 1, rejected: 1 });
    const { bytes, dataAt } = writeTraceDat({ ...SPEC, buffers: [{ name: '', records: RUN.slice(0, 1) }] });
    bytes.writeUInt16LE(9999, nth(dataAt, 0) + 20);
    const odd = decodeWith(traceDat, bytes).tally;
    expect([...odd.rejectReasons]).toEqual([['the file describes no event of number 9999', 1]]);
    expect(odd.rejects[0]).toMatchObject({ place: nth(dataAt, 0) + 20, text: expect.stringMatching(/^0f27/) as unknown });
  });

  test('a record longer than 112 bytes has its size in a word of its own', () => {
    expect(said(one({ bytes: 200 }))).toEqual(said(one({})));
  });

  test('text of a program: a note, or an event of the device model', () => {
    expect(countKinds(one({ event: PRINT, values: { buf: 'hello\n' }, bytes: 24 }).events)).toEqual({ mark: 1 });
    const device = one({ event: PRINT, values: { buf: 'pci_nvme_mmio_doorbell_sq sqid 3 new_tail 17\n' }, bytes: 64 });
    expect(device.events).toMatchObject([{ kind: KIND['doorbell.mmio'], queue: 3, value: 17 }]);
  });
});

test('records that the kernel dropped are lost, though no mark in the data shows them', () => {
  const stat = 'CPU: 0\nentries: 0\noverrun: 0\ncommit overrun: 0\ndropped events: 12\nread events: 800\n\0';
  const { tally, events } = read({ ...SPEC, version: 7, options: [[2, stat], [2, stat.replace('12', '30')]] });
  expect(tally.counts).toMatchObject({ events: 2 * COMMANDS + 1, lost: 12 + 30 });
  expect(events.at(-1)).toMatchObject({ kind: KIND.lost, value: 42 });
});

test('is recognised by its first bytes', async () => {
  const { detection, format } = await decode(sourceOf(writeTraceDat({ ...SPEC, version: 7 }).bytes));
  expect({ id: format.id, detection }).toEqual({ id: 'trace-dat', detection: { confidence: 1, evidence: 'it begins like a trace.dat, version 7' } });
});

test.each([
  ['version 5', (bytes: Buffer) => bytes.write('5', 10, 'latin1'), /version "5" isn't read/],
  ['no magic', (bytes: Buffer) => bytes.write('x', 0, 'latin1'), /no trace\.dat/],
  ['a header of another layout', (bytes: Buffer) => bytes.write('7', bytes.indexOf('type_len    :    5') + 17, 'latin1'), /unknown layout/],
])('%s is refused', (_, change, message) => {
  const { bytes } = writeTraceDat(SPEC);
  change(bytes);
  expect(() => decodeWith(traceDat, bytes)).toThrow(message);
});
