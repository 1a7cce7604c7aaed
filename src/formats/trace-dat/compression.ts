// The compressions of trace.dat version 7, as pieces of known size. zlib: RFC 1950. zstd: RFC 8878, frames without
// content size. Damaged data end in a reason, with no more memory and time spent than sound data of that size take.

import { inflateSync } from 'node:zlib';
import { unreachable } from '../../base/assert.js';
import { ZstdError } from '../zstd/bits.js';
import { ZstdPieces } from '../zstd/pieces.js';

const COMPRESSIONS = ['none', 'zlib', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export function isCompression(name: string): name is Compression {
  return (COMPRESSIONS as readonly string[]).includes(name);
}

/** Decompresses the pieces of one file. */
export class Decompressor {
  readonly compression: Compression;
  private readonly zstd = new ZstdPieces();

  constructor(compression: Compression) {
    this.compression = compression;
  }

  /** Fills `target` with what `stored` stands for. Returns why it can't, or undefined. */
  fill(target: Uint8Array, stored: Uint8Array): string | undefined {
    switch (this.compression) {
      case 'none':
        return 'the file says that it has no compression';
      case 'zlib':
        return inflate(stored, target);
      case 'zstd':
        return this.unzstd(stored, target);
      default:
        return unreachable(this.compression);
    }
  }

  private unzstd(stored: Uint8Array, target: Uint8Array): string | undefined {
    try {
      this.zstd.decompress(stored, target);
      return undefined;
    } catch (error) {
      if (!(error instanceof ZstdError)) throw error;
      return error.fault;
    }
  }
}

function inflate(stored: Uint8Array, target: Uint8Array): string | undefined {
  let plain: Buffer;
  try {
    plain = inflateSync(stored, { maxOutputLength: Math.max(1, target.length) });
  } catch (error) {
    return `the zlib data are corrupt (${error instanceof Error ? error.message : String(error)})`;
  }
  if (plain.length !== target.length) return `the zlib data are corrupt (there are ${plain.length} bytes, not ${target.length})`;
  target.set(plain);
  return undefined;
}
