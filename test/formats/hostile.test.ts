// Hostile input for every format of the registry: never a crash, a hang or unbounded memory. Either the source is refused
// with an error that a user can act on, or every record that was read is accounted for.

import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { BellwetherError } from '../../src/base/errors.js';
import { decodeSource } from '../../src/formats/decode.js';
import type { TraceFormat } from '../../src/formats/format.js';
import { FORMATS, detectFormat } from '../../src/formats/registry.js';
import { Source } from '../../src/formats/source.js';
import { EventWriter } from '../../src/trace/batch.js';
import type { EventBatch } from '../../src/trace/batch.js';
import { KIND_NAMES } from '../../src/trace/event.js';
import { MAX_KEPT_REJECTS, Tally } from '../../src/trace/tally.js';
import { FIXTURES, chunksOf, sumsAddUp } from './support.js';

const MIB = 1024 ** 2;
/** Fixtures are cut to this: it holds records of every kind, and leaves time for many cases. */
const FIXTURE_BYTES = 96 * 1024;
/** Above what the decoders state, the 33 MiB of gzip among it, and what the collector hasn't collected yet. */
const MEMORY_LIMIT = 256 * MIB;

/** Fails on a row that the store couldn't hold. */
function checkRows(batch: EventBatch): void {
  for (let row = 0; row < batch.length; row++) {
    const kind = batch.kind[row] ?? NaN;
    if (!(kind >= 1 && kind <= KIND_NAMES.length)) throw new Error(`row of kind ${kind}`);
    for (const column of [batch.timeNs, batch.value, batch.extra, batch.place]) {
      const value = column[row];
      if (value === Infinity || value === -Infinity) throw new Error(`row with ${value}`);
    }
  }
}

/** Reads a source as a format, or as the one detected: the tally, or the error that it was refused with. */
async function accounted(source: Source, format?: TraceFormat): Promise<Tally | BellwetherError> {
  const tally = new Tally();
  const writer = new EventWriter(checkRows);
  try {
    await decodeSource(source, { format, writer, tally });
  } catch (error) {
    if (error instanceof BellwetherError) return error;
    throw error;
  }
  expect(sumsAddUp(tally)).toBe(true);
  expect(tally.counts.events).toBeLessThanOrEqual(writer.count);
  expect(tally.rejects.length).toBeLessThanOrEqual(MAX_KEPT_REJECTS);
  expect(Number.isSafeInteger(tally.lost)).toBe(true);
  return tally;
}

function sourceOf(bytes: Uint8Array, maxBytes?: number): Source {
  return new Source('hostile', chunksOf(bytes, 65_536), bytes.length, { maxBytes });
}

function usedMemory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The most memory that is in use while something runs, above what was in use before. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = usedMemory();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, usedMemory());
  }, 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, usedMemory()) - before;
}

interface Fixture {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every fixture that a format recognises, by the id of the format. */
function fixturesByFormat(): ReadonlyMap<string, readonly Fixture[]> {
  const found = new Map<string, Fixture[]>();
  for (const file of readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })) {
    if (!/\.\w+$/.test(file) || /\.(json|md)$/.test(file)) continue;
    const stored = readFileSync(FIXTURES + file);
    const bytes = file.endsWith('.gz') ? gunzipSync(stored) : stored;
    const id = detectFormat(bytes.subarray(0, 65_536))?.format.id;
    if (id !== undefined) found.set(id, [...(found.get(id) ?? []), { name: file, bytes: bytes.subarray(0, FIXTURE_BYTES) }]);
  }
  return found;
}

const BY_FORMAT = fixturesByFormat();

test('every format has a fixture to be damaged, unless only a user can say what it is', () => {
  const without = FORMATS.filter(({ id }) => !BY_FORMAT.has(id)).map(({ id }) => id);
  expect(without.filter((id) => !WITHOUT_FIXTURE.includes(id))).toEqual([]);
});

/** `declared` follows a declaration that the user gives; the captures of mmiotrace are too large for the repository. */
const WITHOUT_FIXTURE: readonly string[] = ['declared', 'mmiotrace'];

const UTF8 = Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0xed, 0xa0, 0x80, 0xf0, 0x82, 0x82, 0xac, 0x0a, 0x80, 0xc1, 0x0d, 0x0a]);
const NOTHING_TO_READ: readonly (readonly [string, Buffer])[] = [
  ...[0x00, 0x0a, 0x1f, 0x28, 0x5b, 0x61, 0xff].map((byte) => [`the byte ${byte}`, Buffer.of(byte)] as const),
  ['NULs', Buffer.alloc(200_000)],
  ['bytes of ones', Buffer.alloc(200_000, 0xff)],
  ['invalid UTF-8', Buffer.concat(Array.from({ length: 5000 }, () => UTF8))],
  ['only newlines', Buffer.alloc(100_000, 0x0a)],
  ['only digits', Buffer.alloc(100_000, 0x39)],
  ['only blanks and brackets', Buffer.from(' [{('.repeat(25_000))],
];

describe.each(FORMATS.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const fixtures = BY_FORMAT.get(id) ?? [];

  test('an empty source is refused', async () => {
    expect(await accounted(sourceOf(Buffer.alloc(0)), format)).toMatchObject({ code: 'E_INPUT', exitCode: 3 });
    expect(format.detect(Buffer.alloc(0))).toBeUndefined();
  });

  test.each(NOTHING_TO_READ)('%s', async (_, bytes) => {
    const outcome = await accounted(sourceOf(bytes), format);
    if (outcome instanceof Tally) expect(outcome.counts.events).toBe(0);
    expect(format.detect(bytes.subarray(0, 65_536))?.confidence ?? 0).toBeLessThanOrEqual(0.5);
  });

  test('a line of 100 MB, alone and behind real records', async () => {
    const piece = Buffer.alloc(65_536, 0x61);
    async function* line(head: Uint8Array): AsyncGenerator<Uint8Array> {
      if (head.length > 0) yield head;
      for (let sent = 0; sent < 100_000_000; sent += piece.length) yield piece;
    }
    for (const head of [Buffer.alloc(0), ...fixtures.slice(0, 1).map(({ bytes }) => bytes)]) {
      const memory = await memoryOf(() => accounted(new Source('hostile', line(head)), format));
      expect(memory).toBeLessThan(MEMORY_LIMIT);
    }
  });

  test('a source that grows beyond --max-bytes when it is decompressed is refused', async () => {
    const bomb = gzipSync(Buffer.concat([fixtures[0]?.bytes.subarray(0, 4096) ?? Buffer.alloc(0), Buffer.alloc(32 * MIB, 0x0a)]));
    expect(bomb.length).toBeLessThan(MIB);
    const memory = await memoryOf(async () => {
      const outcome = await accounted(sourceOf(bomb, 4 * MIB), format);
      expect(outcome).toBeInstanceOf(BellwetherError);
      if (outcome instanceof BellwetherError) expect(outcome.message).toMatch(/more than 4194304 bytes/);
    });
    expect(memory).toBeLessThan(MEMORY_LIMIT);
  });

  describe.each(fixtures.map(({ name, bytes }) => [name, bytes] as const))('%s', (name, bytes) => {
    const rng = new Rng(2014, name);
    const below = (limit: number): number => rng.uint32() % limit;

    test('cut off at 50 places', async () => {
      for (let i = 0; i < 50; i++) await accounted(sourceOf(bytes.subarray(0, 1 + below(bytes.length))), format);
    });

    test('garbage in the middle', async () => {
      for (let i = 0; i < 20; i++) {
        const at = below(bytes.length);
        const garbage = Buffer.from(Uint8Array.from({ length: 1 + below(5000) }, () => below(256)));
        await accounted(sourceOf(Buffer.concat([bytes.subarray(0, at), garbage, bytes.subarray(at)])), format);
      }
    });

    test('bytes changed here and there', async () => {
      for (let i = 0; i < 20; i++) {
        const copy = Buffer.from(bytes);
        for (let n = 0; n < 200; n++) copy[below(copy.length)] = below(256);
        await accounted(sourceOf(copy), format);
      }
    });

    test('time running backwards', async () => {
      const lines = bytes.toString('latin1').split('\n');
      const outcome = await accounted(sourceOf(Buffer.from(lines.toReversed().join('\n'), 'latin1')), format);
      if (outcome instanceof Tally) expect(outcome.read).toBeGreaterThan(0);
    });

    test('the source in the middle of another format', async () => {
      for (const other of FORMATS) await accounted(sourceOf(bytes), other);
    });
  });
});
