// zstd data of known size: captured chunks, and damage.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZstdError } from '../../src/formats/zstd/bits.js';
import { ZstdPieces } from '../../src/formats/zstd/pieces.js';
import { fixtureBytes } from './support.js';

/** A frame of one block that claims the most sequences, each of the longest match, without bits for any of them. */
function bomb(): Buffer {
  const body = Buffer.of(0x00, 255, 255, 255, 0b0101_0100, 0, 0, 52, 0x01);
  const header = Buffer.alloc(3);
  header.writeUIntLE((body.length << 3) | (2 << 1) | 1, 0, 3);
  return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58), header, body]);
}

/** The compressed chunks of a captured trace.dat, found by their frames' first bytes, with their sizes in front. */
function chunks(): { readonly stored: Buffer; readonly size: number }[] {
  const bytes = fixtureBytes('trace-dat', 'linux6.12-v7-zstd.dat.gz');
  const found = [];
  const magic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 4)) {
    const size = bytes.readUInt32LE(at - 4);
    found.push({ stored: bytes.subarray(at, at + bytes.readUInt32LE(at - 8)), size });
  }
  return found;
}

/** False when the data are refused. */
function accepts(stored: Uint8Array, size: number): boolean {
  try {
    new ZstdPieces().decompress(stored, Buffer.alloc(size));
    return true;
  } catch (error) {
    if (error instanceof ZstdError) return false;
    throw error;
  }
}

describe('captured chunks', () => {
  const all = chunks();

  test('have the size that stands in front of them, and no other', () => {
    expect(all.length).toBeGreaterThanOrEqual(7);
    const engine = new ZstdPieces();
    for (const { stored, size } of all) {
      engine.decompress(stored, Buffer.alloc(size));
      expect(accepts(stored, size + 1)).toBe(false);
      expect(accepts(stored, size - 1)).toBe(false);
    }
  });

  test('cut anywhere, they are refused', () => {
    for (const { stored, size } of all) {
      for (let end = 0; end < stored.length; end += 97) expect(accepts(stored.subarray(0, end), size)).toBe(false);
    }
  });

  test('changed anywhere, they are refused or give as many bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), ({ stored, size }, changes) => {
        const changed = Buffer.from(stored);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        accepts(changed, size);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a block that claims billions of bytes without holding any is refused at once', () => {
  const before = performance.now();
  expect(accepts(bomb(), 40_960)).toBe(false);
  expect(performance.now() - before).toBeLessThan(1000);
});

test('raw and repeated blocks, several frames, and none', () => {
  const frame = (type: number, size: number, content: Buffer): Buffer => {
    const header = Buffer.alloc(3);
    header.writeUIntLE((size << 3) | (type << 1) | 1, 0, 3);
    return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58), header, content]);
  };
  const target = Buffer.alloc(9);
  new ZstdPieces().decompress(Buffer.concat([frame(0, 4, Buffer.from('abcd')), frame(1, 5, Buffer.from('e'))]), target);
  expect(target.toString()).toBe('abcdeeeee');
  expect(accepts(Buffer.alloc(0), 0)).toBe(true);
  expect(accepts(Buffer.alloc(0), 1)).toBe(false);
});
