// Decompression of gzip as a stream, concatenated members included. [RFC 1952]
// Memory: one slice of input is in the engine at a time, so at most two slices' output waits for the consumer:
// 2 * 16 KiB * 1032 (deflate's best ratio), 33 MiB for a bomb and some 300 KiB for a trace.

import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';
import { DamagedData } from './codec.js';
import type { Codec } from './codec.js';

const SLICE_BYTES = 16 * 1024;
const OUTPUT_CHUNK_BYTES = 64 * 1024;

/** The zlib engine as a function of slices. */
class GunzipEngine {
  private readonly engine: Gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
  private output: Uint8Array[] = [];
  private failure: (Error & { code?: string }) | undefined;
  private ended = false;
  private settled: () => void = () => {};
  private fedBytes = 0;
  /** End of the fed bytes that aren't zero: zeros behind the last member are padding. */
  private nonZeroEnd = 0;

  constructor() {
    this.engine.on('data', (chunk: Uint8Array) => this.output.push(chunk));
    this.engine.on('end', () => {
      this.ended = true;
      this.settled();
    });
    this.engine.on('error', (error) => {
      this.failure = error;
      this.settled();
    });
  }

  /** Whether more input can change anything. */
  get done(): boolean {
    return this.ended || this.failure !== undefined;
  }

  /** Feeds a slice; resolves when the engine has used it. */
  write(slice: Uint8Array): Promise<void> {
    this.see(slice);
    return new Promise((resolve) => {
      // On an error zlib never calls back for the write at hand.
      this.settled = resolve;
      this.engine.write(slice, () => resolve());
    });
  }

  /** Input that came after the engine was done. */
  see(slice: Uint8Array): void {
    for (let i = slice.length - 1; i >= 0; i--) {
      if (slice[i] === 0) continue;
      this.nonZeroEnd = this.fedBytes + i + 1;
      break;
    }
    this.fedBytes += slice.length;
  }

  finish(): Promise<void> {
    if (this.done) return Promise.resolve();
    return new Promise((resolve) => {
      this.settled = resolve;
      this.engine.end();
    });
  }

  /** The output since the last call. */
  take(): Uint8Array[] {
    const taken = this.output;
    this.output = [];
    return taken;
  }

  /** What is wrong with the input, once all of it has been fed. */
  damage(): DamagedData | undefined {
    const at = this.engine.bytesWritten;
    if (this.failure?.code === 'Z_BUF_ERROR') return new DamagedData('the gzip data are cut off', at, { cause: this.failure });
    if (this.failure !== undefined) return new DamagedData(`the gzip data are corrupt (${this.failure.message})`, at, { cause: this.failure });
    if (this.nonZeroEnd > at) return new DamagedData('other bytes follow the gzip data', at);
    return undefined;
  }

  close(): void {
    this.engine.destroy();
  }
}

async function* slices(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stored) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) yield chunk.subarray(at, at + SLICE_BYTES);
  }
}

async function* gunzip(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const engine = new GunzipEngine();
  try {
    let writing: Promise<void> = Promise.resolve();
    for await (const slice of slices(stored)) {
      await writing;
      const ready = engine.take();
      // The engine works in its own thread while the consumer looks at the output of the slice before.
      if (engine.done) engine.see(slice);
      else writing = engine.write(slice);
      yield* ready;
    }
    await writing;
    await engine.finish();
    yield* engine.take();
    const damage = engine.damage();
    if (damage !== undefined) throw damage;
  } finally {
    engine.close();
  }
}

function matches(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}

export const gzip: Codec = { name: 'gzip', matches, decompress: gunzip };
