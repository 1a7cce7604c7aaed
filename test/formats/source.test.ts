// Sources: decompression, the hash of what is stored, limits, and what damage and errors look like.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BellwetherError, EXIT } from '../../src/base/errors.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { DamagedSource, Source, openSource } from '../../src/formats/source.js';
import { tempFolder } from '../support/temp.js';
import { chunksOf, decode, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

const LOG = fixtureBytes('qemu-log', 'rebind-and-reset.qemu.log.gz');
/** Hardly compressible, so that cuts and flips hit data. */
const NOISE = Buffer.from(randomBytes(300_000).toString('base64'));

interface Read {
  readonly content: Buffer;
  readonly error: unknown;
  readonly source: Source;
}

async function readAll(source: Source): Promise<Read> {
  const chunks: Uint8Array[] = [];
  let error: unknown;
  try {
    // A chunk is valid until the next one is asked for.
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
  } catch (caught) {
    error = caught;
  }
  return { content: Buffer.concat(chunks), error, source };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function refusal(promise: Promise<unknown>): Promise<BellwetherError> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof BellwetherError)) throw new Error(`not refused as bad input: ${String(error)}`);
  return error;
}

test.each([
  ['plain', LOG, LOG],
  ['gzip', gzipSync(LOG), LOG],
  ['gzip, several members', Buffer.concat([gzipSync(LOG), gzipSync(''), gzipSync(NOISE)]), Buffer.concat([LOG, NOISE])],
  ['gzip, padded with zeros', Buffer.concat([gzipSync(NOISE), Buffer.alloc(40_000)]), NOISE],
  ['one byte that begins a gzip file', Buffer.from([0x1f]), Buffer.from([0x1f])],
  ['nothing', Buffer.alloc(0), Buffer.alloc(0)],
])('%s: content, size and hash, whatever the chunks', async (_, stored, content) => {
  for (const chunkBytes of [1000, 1e6]) {
    const read = await readAll(sourceOf(stored, chunkBytes));
    expect(read.error).toBeUndefined();
    expect(read.content.equals(content)).toBe(true);
    expect(read.source.bytesRead).toBe(stored.length);
    expect(read.source.sha256).toBe(sha256(stored));
  }
});

test('gzip members may meet at every byte of a chunk', async () => {
  const member = gzipSync('tail\n');
  for (let first = 1; first < 2 * member.length; first++) {
    const both = Buffer.concat([member, member]);
    const stored = (async function* () {
      yield both.subarray(0, first);
      yield both.subarray(first);
    })();
    expect((await readAll(new Source('members', stored))).content.toString()).toBe('tail\ntail\n');
  }
});

test('a file is read through its buffers and known by its size', async () => {
  const file = join(tempFolder(), 'capture.gz');
  const stored = Buffer.concat([gzipSync(NOISE), gzipSync(NOISE), gzipSync(LOG)]);
  writeFileSync(file, stored);
  const source = await openSource(file);
  expect(source.totalBytes).toBe(stored.length);
  const read = await readAll(source);
  expect(read.content.equals(Buffer.concat([NOISE, NOISE, LOG]))).toBe(true);
  expect(source.sha256).toBe(sha256(stored));
});

test('a file that gets shorter while it is read says so, behind what could be read', async () => {
  const file = join(tempFolder(), 'capture.log');
  writeFileSync(file, Buffer.alloc(2_000_000, 'x'));
  const source = await openSource(file);
  let bytes = 0;
  const reading = (async () => {
    for await (const chunk of source) {
      if (bytes === 0) truncateSync(file, 700_000);
      bytes += chunk.length;
    }
  })();
  const error = await refusal(reading);
  expect(error).toBeInstanceOf(DamagedSource);
  expect(error.message).toMatch(/: the file got shorter while it was read, at byte 700000 of the file, byte 700000 of its content$/);
  expect(bytes).toBe(700_000);
  expect(source.sha256).toBe(sha256(Buffer.alloc(700_000, 'x')));
});

const whole = gzipSync(NOISE);
const flipped = Buffer.from(whole);
flipped.writeUInt32BE(~flipped.readUInt32BE(200_000) >>> 0, 200_000);
const badSum = Buffer.from(whole);
badSum.writeUInt8(badSum.readUInt8(whole.length - 6) ^ 0xff, whole.length - 6);

test.each([
  ['cut in the data', whole.subarray(0, 150_000), /cut off/, 0.4],
  ['cut in the trailer', whole.subarray(0, -3), /cut off/, 1],
  ['corrupt data', flipped, /corrupt/, 0.4],
  ['a wrong checksum', badSum, /corrupt \(incorrect data check\)/, 0.8],
  ['other bytes behind it', Buffer.concat([whole, Buffer.alloc(20_000), Buffer.from('x')]), /other bytes follow/, 1],
])('gzip with %s: what could be decompressed comes first, then the error, with the hash of it all', async (_, stored, reason, share) => {
  for (const chunkBytes of [1000, 1e6]) {
    const { content, error, source } = await readAll(sourceOf(stored, chunkBytes));
    expect(error).toBeInstanceOf(DamagedSource);
    if (!(error instanceof DamagedSource)) return;
    expect(error.exitCode).toBe(EXIT.input);
    expect(error.reason).toMatch(reason);
    expect(error.message).toMatch(/^unknown: .+, at byte \d+ of the file, byte \d+ of its content$/);
    expect(error.where.byte).toBe(content.length);
    // Data that lead up to a flip may decompress to anything; those that don't must be whole.
    if (!/corrupt/.test(error.reason)) expect(NOISE.subarray(0, content.length).equals(content)).toBe(true);
    expect(content.length).toBeGreaterThanOrEqual(share * NOISE.length);
    expect(source.sha256).toBe(sha256(stored));
    expect(source.bytesRead).toBe(stored.length);
  }
});

test('a capture cut off in its compression keeps its first records and counts the loss once', async () => {
  const stored = gzipSync(LOG);
  const { tally, events, sha256: hash, bytes } = await decode(sourceOf(stored.subarray(0, 20_000)));
  expect(events.length).toBeGreaterThan(1000);
  expect(sumsAddUp(tally)).toBe(true);
  const damage = tally.rejects.filter(({ reason }) => reason.includes('gzip'));
  expect(damage).toHaveLength(1);
  expect(damage[0]?.reason).toBe('the gzip data are cut off; the place is a byte of the content');
  expect(damage[0]?.text).toMatch(/at byte 20000 of the file/);
  expect(LOG.subarray(0, damage[0]?.place).toString('latin1').split('\n')).toHaveLength(tally.read - 1);
  expect({ hash, bytes }).toEqual({ hash: sha256(stored.subarray(0, 20_000)), bytes: 20_000 });
});

test('a source whose compression is broken from the start is refused', async () => {
  const error = await refusal(decode(sourceOf(Buffer.from([0x1f, 0x8b, 0xff, 0xff, 0xff]))));
  expect(error.message).toMatch(/^unknown: the gzip data are corrupt .*, at byte \d+ of the file, byte 0 of its content$/);
});

test('more bytes than the limit are refused with the flag that raises it', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000));
  const source = new Source('bomb', chunksOf(bomb, 1000), bomb.length, { maxBytes: 100_000 });
  const { error, content } = await readAll(source);
  expect(error).toBeInstanceOf(BellwetherError);
  if (!(error instanceof BellwetherError)) return;
  expect(error.message).toBe('bomb: more than 100000 bytes (97.7 KiB) after decompression');
  expect(error.suggestions.join(' ')).toContain('--max-bytes');
  expect(content.length).toBeLessThanOrEqual(100_000);
});

test('a missing file and a directory are refused by name', async () => {
  const folder = tempFolder();
  const missing = await refusal(openSource(join(folder, 'missing.log')));
  expect(missing.message).toMatch(/missing\.log can't be read: there is no such file$/);
  mkdirSync(join(folder, 'captures'));
  const directory = await refusal(openSource(join(folder, 'captures')));
  expect(directory.message).toMatch(/captures is a directory$/);
  expect([missing, directory].every(({ exitCode, suggestions }) => exitCode === EXIT.input && suggestions.length > 0)).toBe(true);
});

test('an empty source and one of an unknown format are refused; the way out is named', async () => {
  expect((await refusal(decode(sourceOf(Buffer.alloc(0))))).message).toBe('unknown is empty');
  expect((await refusal(decode(sourceOf(gzipSync(''))))).message).toBe('unknown is empty');
  const error = await refusal(decode(sourceOf(Buffer.from('The quick brown fox\n'))));
  expect(error.message).toMatch(/^unknown: no known format in its first 20 B\. Known: .*qemu-log/);
  expect(error.suggestions.join(' ')).toContain('--format');
});

test('a named format is taken without looking', async () => {
  const { detection, tally } = await decode(sourceOf(Buffer.from('The quick brown fox\n')), { format: qemuLog });
  expect(detection).toBeUndefined();
  expect(Object.fromEntries(tally.ignoredNames)).toEqual({ '(other text)': 1 });
});
