// The compressions of trace.dat version 7, as blocks of known size. zlib: RFC 1950. zstd: RFC 8878, frames without
// content size; Node 20 has no zstd of its own.

import { inflateSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import { unreachable } from '../../base/assert.js';

const COMPRESSIONS = ['none', 'zlib', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export function isCompression(name: string): name is Compression {
  return (COMPRESSIONS as readonly string[]).includes(name);
}

/**
 * Fills `target` with what `stored` stands for. Returns why it can't, or undefined.
 * What zstd data leave open at the end of `target` is zero: the library doesn't tell how far it came.
 */
export function decompressInto(compression: Compression, stored: Uint8Array, target: Uint8Array): string | undefined {
  try {
    switch (compression) {
      case 'none':
        return 'the file says that it has no compression';
      case 'zlib': {
        const plain = inflateSync(stored, { maxOutputLength: Math.max(1, target.length) });
        if (plain.length !== target.length) return `the zlib data have ${plain.length} bytes, not ${target.length}`;
        target.set(plain);
        return undefined;
      }
      case 'zstd':
        target.fill(0);
        decompressZstd(stored, target);
        return undefined;
      default:
        return unreachable(compression);
    }
  } catch (error) {
    return `the ${compression} data are corrupt (${error instanceof Error ? error.message : String(error)})`;
  }
}
