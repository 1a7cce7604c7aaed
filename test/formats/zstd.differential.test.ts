// zstd against the zstd program: levels, windows, checksums, shapes of content; cut and changed data give no more than what it accepts.

import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { DamagedSource, Source } from '../../src/formats/source.js';
import { ZstdError } from '../../src/formats/zstd/bits.js';
import { ZstdPieces } from '../../src/formats/zstd/pieces.js';
import { chunksOf, fixtureBytes } from './support.js';

const PROGRAM = spawnSync('zstd', ['--version']).status === 0;
const rng = new Rng(2014, 'zstd');

function zstd(args: readonly string[], input: Uint8Array): Buffer | undefined {
  const { status, stdout } = spawnSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 2 ** 30 });
  return status === 0 ? stdout : undefined;
}

function compressed(args: readonly string[], input: Uint8Array): Buffer {
  const stored = zstd(args, input);
  if (stored === undefined) throw new Error(`zstd ${args.join(' ')} fails`);
  return stored;
}

/** The decompressed bytes, and the damage if there is any. */
async function read(stored: Uint8Array, chunkBytes = 65_536): Promise<{ content: Buffer; damage: DamagedSource | undefined }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of new Source('unknown', chunksOf(stored, chunkBytes))) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!(error instanceof DamagedSource)) throw error;
    return { content: Buffer.concat(chunks), damage: error };
  }
  return { content: Buffer.concat(chunks), damage: undefined };
}

function pieces(stored: Uint8Array, bytes: number): Buffer {
  const target = Buffer.alloc(bytes);
  new ZstdPieces().decompress(stored, target);
  return target;
}

const TEXT = fixtureBytes('mmiotrace', 'randread32-on.mmiotrace.gz');
const BINARY = fixtureBytes('trace-dat', 'linux6.12-v7-none.dat.gz');
const NOISE = Buffer.from(Uint8Array.from({ length: 300_000 }, () => rng.uint32() & 0xff));
/** Few symbols, unevenly, so that literals and matches get tables of all sizes. */
const SKEWED = Buffer.from(Uint8Array.from({ length: 400_000 }, () => Math.floor(Math.log2(1 + (rng.uint32() & 0xffff)))));
/** What was said megabytes ago is said again: a large window finds it. */
const FAR = Buffer.concat([NOISE, Buffer.concat(Array.from({ length: 40 }, () => SKEWED)), NOISE, TEXT, Buffer.alloc(3_000_000, 7), NOISE]);

const CONTENTS: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['300 bytes of text', TEXT.subarray(0, 300)],
  ['text', TEXT],
  ['binary', BINARY],
  ['noise', NOISE],
  ['few symbols', SKEWED],
  ['one symbol', Buffer.alloc(1_000_000, 65)],
];

const LEVELS: readonly (readonly string[])[] = [['--fast=5'], ['-1'], ['-3'], ['-6'], ['-9'], ['-13'], ['-16'], ['-19'], ['--ultra', '-22'], ['-3', '--no-check']];

describe.skipIf(!PROGRAM)('what the zstd program writes', () => {
  test.each(CONTENTS)('%s, at ten levels, as a stream and as a piece', async (_, content) => {
    for (const level of LEVELS) {
      const stored = compressed(level, content);
      const { content: got, damage } = await read(stored);
      expect(damage).toBeUndefined();
      expect(got.equals(content)).toBe(true);
      expect(pieces(stored, content.length).equals(content)).toBe(true);
    }
  });

  test.each([['--long=24'], ['--long=27'], ['--zstd=wlog=10'], ['--zstd=wlog=17'], ['--zstd=wlog=20,strat=9']])('far matches with %s', async (window) => {
    const stored = compressed(['-5', window], FAR);
    for (const chunkBytes of [1000, 1e7]) {
      const { content, damage } = await read(stored, chunkBytes);
      expect(damage).toBeUndefined();
      expect(content.equals(FAR)).toBe(true);
    }
  });

  test('a window above the limit is refused with its size', async () => {
    // With the size of its content in the header a frame asks for no more than that.
    const stored = spawnSync('zstd', ['-q', '-c', '--ultra', '-1', '--long=29'], { input: TEXT }).stdout;
    const { content, damage } = await read(stored);
    expect(content.length).toBe(0);
    expect(damage?.reason).toBe('the zstd data need a window of 512 MiB, more than 128 MiB');
    expect(damage?.suggestions).toEqual(['Decompress it on the way: zstd -dc --long=31 FILE | bellwether ingest -']);
  });
});

describe.skipIf(!PROGRAM)('damaged data', () => {
  const plain = TEXT.subarray(0, 40_000);
  const stored = PROGRAM ? compressed(['-6', '--check'], plain) : Buffer.alloc(0);
  const bare = PROGRAM ? compressed(['-6', '--no-check'], plain) : Buffer.alloc(0);

  test('cut anywhere: a true beginning, then the damage', async () => {
    for (let end = 4; end < stored.length; end += 61) {
      const { content, damage } = await read(stored.subarray(0, end));
      expect(damage?.reason).toBe('the zstd data are cut off');
      expect(plain.subarray(0, content.length).equals(content)).toBe(true);
    }
  });

  test('changed anywhere: where we accept data, the program gives the same', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: bare.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bare);
        changed.writeUInt8(changed.readUInt8(at) ^ flip, at);
        const { content, damage } = await read(changed);
        if (damage !== undefined) return;
        accepted += 1;
        expect(zstd(['-d'], changed)?.equals(content)).toBe(true);
        expect(pieces(changed, content.length).equals(content)).toBe(true);
      }),
      { seed: 2014, numRuns: 300 },
    );
    // Without a checksum most changes of literals can't be noticed.
    expect(accepted).toBeGreaterThan(10);
  });

  test('changed with a checksum: noticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 6, max: stored.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(stored);
        changed.writeUInt8(changed.readUInt8(at) ^ flip, at);
        const { content, damage } = await read(changed);
        if (damage === undefined) expect(content.equals(plain)).toBe(true);
        expect(() => pieces(changed, plain.length - 1)).toThrow(ZstdError);
      }),
      { seed: 2014, numRuns: 300 },
    );
  });
});
