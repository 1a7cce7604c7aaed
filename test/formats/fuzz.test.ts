// Damaged files of every format, and damaged compressions: no error but one that a user can act on, every record accounted
// for, bounded time and memory, and the same result however the bytes are cut.
//
//   npm run fuzz                         a minute for each parser, with a seed of its own each time
//   FUZZ_SECONDS=600 npm run fuzz -- -t mmiotrace
//
// What fails is written to counter-examples/, and replayed from there for ever.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BellwetherError } from '../../src/base/errors.js';
import { detectFormat } from '../../src/formats/registry.js';
import { DamagedSource, Source } from '../../src/formats/source.js';
import { EventWriter } from '../../src/trace/batch.js';
import type { EventBatch } from '../../src/trace/batch.js';
import { KIND_NAMES } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { damaged, longLine, wounds } from '../support/damage.js';
import { targets } from './corpus.js';
import type { Target } from './corpus.js';
import { chunksOf, fixtureBytes, sumsAddUp } from './support.js';

const FOLDER = fileURLToPath(new URL('counter-examples/', import.meta.url));
/** For each parser; undefined: RUNS cases from a fixed seed. */
const SECONDS = process.env['FUZZ_SECONDS'] === undefined ? undefined : Number(process.env['FUZZ_SECONDS']);
const RUNS = 1000;
/** Cases have some ten thousand bytes: a decoder needs milliseconds, and a busy machine some hundred times as much. */
const MAX_CASE_MS = 5000;
const MAX_GROWTH_BYTES = 256 * 1024 ** 2;
const SMALL_READ = 100;
const TARGETS = targets();
const ALL_FILES = TARGETS.flatMap(({ corpus }) => corpus);

/** Feeds a hash with all rows, and fails on one that the store couldn't hold. */
function rowHash(): { readonly take: (batch: EventBatch) => void; readonly digest: () => string } {
  const hash = createHash('sha1');
  const take = (batch: EventBatch): void => {
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kind[row]!;
      if (!(kind >= 1 && kind <= KIND_NAMES.length)) throw new Error(`a row of kind ${kind}`);
      const wide = [batch.timeNs[row]!, batch.value[row]!, batch.extra[row]!, batch.place[row]!];
      if (wide.some((value) => !Number.isNaN(value) && !Number.isSafeInteger(value))) throw new Error(`a row with ${wide.join(', ')}`);
      const narrow = [batch.thread, batch.controller, batch.queue, batch.side, batch.cid, batch.opcode, batch.status].map((column) => column[row]);
      hash.update(`${kind} ${wide.join(' ')} ${narrow.join(' ')}\n`);
    }
  };
  return { take, digest: () => hash.digest('hex') };
}

/** All that one reading gives, as text; an error by its code. */
function reading({ format, eventsFile }: Target, bytes: Buffer, chunkBytes: number): string {
  const tally = new Tally();
  const rows = rowHash();
  const writer = new EventWriter(rows.take, 512);
  try {
    const decoder = format.open({ writer, tally, eventsFile });
    for (let at = 0; at < bytes.length; at += chunkBytes) decoder.push(bytes.subarray(at, at + chunkBytes));
    const { clock, originNs, dialect } = decoder.end();
    writer.flush();
    if (!sumsAddUp(tally)) throw new Error(`the sums do not add up: ${JSON.stringify(tally.counts)}`);
    if (!Number.isSafeInteger(tally.lost) || tally.counts.events > writer.count) throw new Error(`lost ${tally.lost}, ${writer.count} rows`);
    const names = [tally.ignoredNames, tally.unknownNames, tally.rejectReasons].map((counts) => [...counts]);
    return JSON.stringify([tally.counts, names, tally.rejects, rows.digest(), clock, String(originNs), dialect]);
  } catch (error) {
    if (error instanceof BellwetherError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The property of a parser. */
function check(target: Target, bytes: Buffer): void {
  const began = performance.now();
  const whole = reading(target, bytes, 65_536);
  expect(reading(target, bytes, SMALL_READ)).toBe(whole);
  detectFormat(bytes.subarray(0, 65_536));
  expect(performance.now() - began).toBeLessThan(MAX_CASE_MS);
}

interface Content {
  readonly hash: string;
  readonly bytes: number;
  readonly error: string;
}

async function content(stored: Buffer, chunkBytes: number, maxBytes: number): Promise<Content> {
  const hash = createHash('sha1');
  let bytes = 0;
  let error = '';
  try {
    for await (const chunk of new Source('fuzz', chunksOf(stored, chunkBytes), stored.length, { maxBytes })) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (caught) {
    if (!(caught instanceof BellwetherError)) throw caught;
    // How much of a damaged gzip stream comes out before the error depends on how zlib is fed.
    error = caught instanceof DamagedSource ? caught.reason : caught.code;
  }
  return { hash: hash.digest('hex'), bytes, error };
}

/** The property of a decompressor. */
async function checkStored(codec: string, stored: Buffer): Promise<void> {
  const began = performance.now();
  const maxBytes = 4 * 1024 ** 2;
  const whole = await content(stored, 65_536, maxBytes);
  const pieces = await content(stored, SMALL_READ, maxBytes);
  expect(whole.bytes).toBeLessThanOrEqual(maxBytes);
  if (codec === 'zstd' || whole.error === '') expect(pieces).toEqual(whole);
  else expect(pieces.error).toBe(whole.error);
  expect(performance.now() - began).toBeLessThan(MAX_CASE_MS);
}

/** Runs a property; a failure is kept, shrunk, as a file of the counter-examples. */
async function fuzz(id: string, corpus: readonly Buffer[], property: (bytes: Buffer) => void | Promise<void>): Promise<void> {
  const cases = fc.record({ file: fc.nat(corpus.length - 1), wounds });
  const bytesOf = (one: { file: number; wounds: Parameters<typeof damaged>[1] }): Buffer => damaged(corpus[one.file]!, one.wounds, ALL_FILES);
  const before = process.resourceUsage().maxRSS;
  const details = await fc.check(
    fc.asyncProperty(cases, async (one) => property(bytesOf(one))),
    SECONDS === undefined
      ? { seed: 2014, numRuns: RUNS }
      : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
  );
  const found = details.counterexample?.[0];
  if (found !== undefined) {
    const bytes = bytesOf(found);
    const file = `${id}.${createHash('sha1').update(bytes).digest('hex').slice(0, 8)}`;
    writeFileSync(`${FOLDER}${file}`, bytes);
    const reason = details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance);
    throw new Error(`counter-examples/${file}, seed ${details.seed}: ${reason}`);
  }
  if (SECONDS !== undefined) process.stdout.write(`${id}: ${details.numRuns} cases hold, seed ${details.seed}\n`);
  expect(details.failed).toBe(false);
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MAX_GROWTH_BYTES);
}

const timeout = SECONDS === undefined ? 120_000 : (SECONDS + 120) * 1000;

describe.each(TARGETS.map((target) => [target.id, target] as const))('%s', (id, target) => {
  test('sound files', () => {
    for (const bytes of target.corpus) {
      expect(bytes.length).toBeGreaterThan(100);
      check(target, bytes);
    }
  });

  test('damaged files', { timeout }, () => fuzz(id, target.corpus, (bytes) => check(target, bytes)));

  test('a line of a megabyte', () => {
    for (const at of [0, 0.3, 1]) check(target, longLine(target.corpus[0]!, at));
  });
});

const TEXT = fixtureBytes('mmiotrace', 'constructed.log');

describe.each([
  ['gzip', [gzipSync(TEXT), gzipSync(TEXT, { level: 1 }), Buffer.concat([gzipSync(TEXT), gzipSync(Buffer.alloc(100_000))])]],
  ['zstd', [fixtureBytes('zstd', 'randread32-on.mmiotrace.zst'), fixtureBytes('zstd', 'small.zst')]],
] as const)('%s', (codec, corpus) => {
  test('damaged data', { timeout }, () => fuzz(codec, corpus, (stored) => checkStored(codec, stored)));
});

describe('counter-examples', () => {
  const files = readdirSync(FOLDER).filter((file) => !file.endsWith('.md'));

  test('belong to a parser', () => {
    const ids = new Set([...TARGETS.map(({ id }) => id), 'gzip', 'zstd']);
    expect(files.filter((file) => !ids.has(file.slice(0, file.lastIndexOf('.'))))).toEqual([]);
  });

  test.each(files)('%s', async (file) => {
    const bytes = readFileSync(FOLDER + file);
    const id = file.slice(0, file.lastIndexOf('.'));
    const target = TARGETS.find((each) => each.id === id);
    if (target === undefined) await checkStored(id, bytes);
    else check(target, bytes);
  });
});
