// zstd sources: frames of every shape, damage, limits; and the compressions that are not read.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BellwetherError, EXIT } from '../../src/base/errors.js';
import { RefusedCompression } from '../../src/formats/codec.js';
import { BoundedRunner, TookTooLong } from '../../src/formats/bounded.js';
import { DamagedSource, Source } from '../../src/formats/source.js';
import { Xxh64 } from '../../src/formats/zstd/xxh64.js';
import { holds } from '../support/property.js';
import { FIXTURES, chunksOf, decode, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

/** The same content as in mmiotrace/, compressed by zstd 1.5 at level 19. */
const REAL = readFileSync(`${FIXTURES}zstd/randread32-on.mmiotrace.zst`);
const TEXT = fixtureBytes('mmiotrace', 'randread32-on.mmiotrace.gz');

const RAW = 0;
const RLE = 1;

function block(type: number, size: number, last: boolean, content: Uint8Array): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | Number(last), 0, 3);
  return Buffer.concat([header, content]);
}

/** A frame as a compressor without ideas would write it: raw blocks, a window of 1 MiB, a checksum. */
function rawFrame(content: Uint8Array, blockBytes = 1000): Buffer {
  const hash = new Xxh64();
  hash.update(content);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(Number(BigInt.asUintN(32, hash.digest())));
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < content.length; at += blockBytes) {
    const piece = content.subarray(at, at + blockBytes);
    blocks.push(block(RAW, piece.length, at + blockBytes >= content.length, piece));
  }
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x50]), ...blocks, sum]);
}

function skippable(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes, 0xaa);
  frame.writeUInt32LE(0x184d2a57);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

async function readAll(stored: Uint8Array, chunkBytes = 65_536, maxBytes?: number): Promise<{ content: Buffer; error: unknown; source: Source }> {
  const source = new Source('unknown', chunksOf(stored, chunkBytes), stored.length, { maxBytes });
  const chunks: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
  } catch (caught) {
    error = caught;
  }
  return { content: Buffer.concat(chunks), error, source };
}

test.each([
  ['a real one', REAL, TEXT],
  ['two real ones', Buffer.concat([REAL, REAL]), Buffer.concat([TEXT, TEXT])],
  ['raw blocks', rawFrame(TEXT), TEXT],
  ['an empty frame, then one', Buffer.concat([rawFrame(Buffer.alloc(0)), rawFrame(TEXT)]), TEXT],
  ['skippable frames around', Buffer.concat([skippable(0), skippable(70_000), REAL, skippable(5)]), TEXT],
  ['tiny', rawFrame(Buffer.from('x')), Buffer.from('x')],
])('%s: content, size and hash, whatever the chunks', async (_, stored, content) => {
  for (const chunkBytes of [7, 1000, 1e6]) {
    const read = await readAll(stored, chunkBytes);
    expect(read.error).toBeUndefined();
    expect(read.content.equals(content)).toBe(true);
    expect(read.source.bytesRead).toBe(stored.length);
    expect(read.source.sha256).toBe(createHash('sha256').update(stored).digest('hex'));
  }
});

function changed(stored: Buffer, at: number): Buffer {
  const copy = Buffer.from(stored);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

const raw = rawFrame(TEXT);

test.each([
  ['cut in a block', raw.subarray(0, 60_000), /cut off$/],
  ['cut in a header', raw.subarray(0, 5), /cut off$/],
  ['cut in the checksum', raw.subarray(0, -1), /cut off$/],
  ['cut in the next magic number', Buffer.concat([raw, raw.subarray(0, 3)]), /cut off$/],
  ['cut in a skippable frame', Buffer.concat([raw, skippable(100).subarray(0, 50)]), /cut off$/],
  ['other bytes behind it', Buffer.concat([raw, Buffer.from('hello')]), /^other bytes follow the zstd data$/],
  ['a wrong checksum', changed(raw, raw.length - 1), /corrupt \(the checksum of the content differs\)$/],
  ['changed content', changed(raw, 30_000), /corrupt \(the checksum of the content differs\)$/],
  ['a reserved block', Buffer.concat([raw.subarray(0, 6), block(3, 10, true, Buffer.alloc(10))]), /corrupt \(a block header\)$/],
  ['a window of 3.75 GiB', Buffer.concat([raw.subarray(0, 5), Buffer.from([0xaf]), raw.subarray(6)]), /need a window of 3\.8 GiB, more than 128 MiB$/],
  ['a dictionary', Buffer.concat([raw.subarray(0, 4), Buffer.from([0x05, 0x50, 0x09]), raw.subarray(6)]), /need a dictionary$/],
])('%s: what came before is handed out, then the error, with the hash of it all', async (_, stored, reason) => {
  for (const chunkBytes of [7, 1e6]) {
    const { content, error, source } = await readAll(stored, chunkBytes);
    expect(error).toBeInstanceOf(DamagedSource);
    if (!(error instanceof DamagedSource)) return;
    expect(error.reason).toMatch(reason);
    expect(error.exitCode).toBe(EXIT.input);
    expect(error.where.byte).toBe(content.length);
    if (!error.reason.includes('checksum')) expect(TEXT.subarray(0, content.length).equals(content)).toBe(true);
    expect(source.sha256).toBe(createHash('sha256').update(stored).digest('hex'));
  }
});

test('a capture cut off in its compression keeps its first records and counts the loss once', async () => {
  const { tally, events, format } = await decode(sourceOf(raw.subarray(0, 60_000), 1000));
  expect(format.id).toBe('mmiotrace');
  expect(events.length).toBeGreaterThan(1000);
  expect(sumsAddUp(tally)).toBe(true);
  expect([...tally.rejectReasons.keys()].filter((reason) => reason.includes('zstd'))).toEqual([
    'the zstd data are cut off; the place is a byte of the content',
  ]);
});

test('a bomb of repeated bytes stops at the limit', async () => {
  const million = block(RLE, 131_072, false, Buffer.from([10]));
  const bomb = Buffer.concat([raw.subarray(0, 6), ...Array.from({ length: 1000 }, () => million)]);
  const { content, error } = await readAll(bomb, 1000, 1_000_000);
  expect(content.length).toBeLessThanOrEqual(1_000_000);
  expect(error).toMatchObject({ code: 'E_INPUT', message: expect.stringMatching(/more than 1000000 bytes/) });
});

test('changed bytes of a real frame never go unnoticed and never hang', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: REAL.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const copy = Buffer.from(REAL);
      copy.writeUInt8(copy.readUInt8(at) ^ flip, at);
      const { error, content } = await readAll(copy);
      if (error === undefined) expect(content.equals(TEXT)).toBe(true);
      else expect(error).toBeInstanceOf(DamagedSource);
    }),
    { seed: 2014, numRuns: 300 },
  );
});

test('work that does not come back is ended, and what it throws comes through', () => {
  const runner = new BoundedRunner(50);
  expect(() => runner.run(() => /^(?:a+)+$/.test(`${'a'.repeat(60)}b`))).toThrow(TookTooLong);
  expect(() =>
    runner.run(() => {
      throw new RangeError('mine');
    }),
  ).toThrow(new RangeError('mine'));
  let done = false;
  runner.run(() => {
    done = true;
  });
  expect(done).toBe(true);
});

describe('XXH64', () => {
  test.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
  ])('of %j is %s', (text, expected) => {
    const hash = new Xxh64();
    hash.update(Buffer.from(text));
    expect(hash.digest().toString(16)).toBe(expected);
  });

  test('is the same however the bytes are cut', () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 70 }), (bytes, chunkBytes) => {
        const whole = new Xxh64();
        whole.update(bytes);
        const pieces = new Xxh64();
        for (let at = 0; at < bytes.length; at += chunkBytes) pieces.update(bytes.subarray(at, at + chunkBytes));
        expect(pieces.digest()).toBe(whole.digest());
      }),
    );
  });
});

test.each([
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dc FILE | bellwether ingest -'],
  ['bzip2', [0x42, 0x5a, 0x68, 0x39], 'bzip2 -dc FILE | bellwether ingest -'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc FILE | bellwether ingest -'],
  ['zip', [0x50, 0x4b, 0x03, 0x04], 'unzip -p FILE | bellwether ingest -'],
])('%s is not read, and the error says how to', async (name, magic, command) => {
  const { error } = await readAll(Buffer.concat([Buffer.from(magic), Buffer.alloc(100, 1)]));
  expect(error).toBeInstanceOf(RefusedCompression);
  if (!(error instanceof BellwetherError)) return;
  expect(error.message).toBe(`unknown is compressed with ${name}; of compressions, gzip and zstd are read`);
  expect(error.suggestions.join(' ')).toContain(command);
  expect(error.exitCode).toBe(EXIT.input);
});

test('the magic numbers decide, not the name: gzip in zstd is gzip to the formats', async () => {
  const { error } = await readAll(rawFrame(gzipSync(TEXT)));
  expect(error).toBeUndefined();
  await expect(decode(sourceOf(rawFrame(gzipSync(TEXT))))).rejects.toMatchObject({ code: 'E_INPUT' });
});
