// A capture as a stream of bytes: a file, a pipe or standard input, decompressed, with the SHA-256 of what is stored.
// Memory: one stored chunk (256 KiB) and what the codec states; gzip: 33 MiB, zstd: 160 MiB and a few blocks, at the very worst.

import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputError, BellwetherError, EXIT } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import { DamagedData, MAGIC_BYTES, refuseCompression } from './codec.js';
import type { Codec } from './codec.js';
import { gzip } from './gzip.js';
import { STDIN, readError } from './path.js';
import { READ_WITHOUT_WAITING, isQuiet, openPipe } from './pipe.js';
import { zstd } from './zstd/stream.js';

/** Compressions that are undone; a further one joins here. */
const CODECS: readonly Codec[] = [gzip, zstd];

/** Bytes of a source after decompression, at most, unless the caller says otherwise. */
export const MAX_SOURCE_BYTES = 64 * 1024 ** 3;
const READ_BYTES = 256 * 1024;
/** A file that says EAGAIN, such as trace_pipe, is asked again after this time. */
const QUIET_MS = 20;

/** A source whose compression is damaged: thrown after everything that could be decompressed was handed out. */
export class DamagedSource extends BellwetherError {
  /** "the gzip data are cut off". */
  readonly reason: string;
  /** Bytes of the source as stored that could be read. */
  readonly storedByte: number;

  constructor(name: string, byte: number, damage: DamagedData) {
    super('E_INPUT', EXIT.input, `${name}: ${damage.message}, at byte ${damage.storedByte} of the file, byte ${byte} of its content`, {
      where: { file: name, byte },
      suggestions: [damage.wayOut ?? 'Copy the file again, or capture again: what stands behind this place is lost.'],
      cause: damage,
    });
    this.reason = damage.message;
    this.storedByte = damage.storedByte;
  }
}

export interface SourceOptions {
  /** Refuse a source with more bytes than this after decompression. */
  readonly maxBytes?: number | undefined;
  /** The regular file that is read. */
  readonly file?: string | undefined;
  /** Closes a pipe or standard input: what waits for their bytes fails then. */
  readonly signal?: AbortSignal | undefined;
}

/** One pass over a capture. Iterating yields its decompressed bytes; a chunk is valid until the next one is asked for. */
export class Source implements AsyncIterable<Uint8Array> {
  /** The path as given, or "standard input". */
  readonly name: string;
  /** Size as stored; undefined for a pipe. */
  readonly totalBytes: number | undefined;
  /** Bytes read so far, as stored. */
  bytesRead = 0;
  /** The regular file that holds the very bytes that iterating yields; known once the first of them has come. */
  plainFile: string | undefined;
  private readonly file: string | undefined;
  private readonly stored: AsyncIterable<Uint8Array>;
  private readonly maxBytes: number;
  private readonly hash = createHash('sha256');
  private digest: string | undefined;

  constructor(name: string, stored: AsyncIterable<Uint8Array>, totalBytes?: number, options: SourceOptions = {}) {
    this.name = name;
    this.stored = stored;
    this.totalBytes = totalBytes;
    this.maxBytes = options.maxBytes ?? MAX_SOURCE_BYTES;
    this.file = options.file;
  }

  /** SHA-256 of the bytes as stored, in hexadecimal; known once the iteration has come to its end, damaged or not. */
  get sha256(): string {
    if (this.digest === undefined) throw new Error('internal error: the source has not been read to its end');
    return this.digest;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of this.content()) {
        bytes += chunk.length;
        if (bytes > this.maxBytes) throw this.tooLarge();
        yield chunk;
      }
      if (this.bytesRead < (this.totalBytes ?? 0)) throw new DamagedData('the file got shorter while it was read', this.bytesRead);
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      throw new DamagedSource(this.name, bytes, error);
    }
  }

  /** The bytes after decompression, if there is any. */
  private async *content(): AsyncGenerator<Uint8Array> {
    const stored = this.hashed();
    try {
      const head: Uint8Array[] = [];
      for (let length = 0; length < MAGIC_BYTES; ) {
        const next = await stored.next();
        if (next.done === true) break;
        head.push(next.value);
        length += next.value.length;
      }
      const first = Buffer.concat(head);
      const all = withFirst(first, stored);
      refuseCompression(this.name, first);
      const codec = codecOf(first);
      if (codec === undefined) this.plainFile = this.file;
      yield* codec === undefined ? all : codec.decompress(all);
    } finally {
      // Closes the file when the reader has seen enough, or nothing is read.
      await stored.return(undefined);
    }
  }

  private async *hashed(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.stored) {
        this.hash.update(chunk);
        this.bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw readError(this.name, error, this.bytesRead);
    }
    this.digest = this.hash.digest('hex');
  }

  private tooLarge(): BellwetherError {
    const limit = `${this.maxBytes} bytes (${formatBytes(this.maxBytes)})`;
    return inputError(`${this.name}: more than ${limit} after decompression`, {
      where: { file: this.name, byte: this.maxBytes },
      suggestions: ['Raise the limit with --max-bytes if the capture is really that large.'],
    });
  }
}

/** The compression of a source that begins with these bytes: MAGIC_BYTES, or all of a shorter one. */
export function codecOf(first: Uint8Array): Codec | undefined {
  return CODECS.find((codec) => codec.matches(first));
}

async function* withFirst(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  yield* rest;
}

/**
 * The file is opened when its first byte is asked for. Two buffers take turns: a codec may still be busy with the end
 * of one chunk when it asks for the next.
 */
async function* readFile(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const file = await open(path, READ_WITHOUT_WAITING);
  try {
    const buffers = [Buffer.alloc(READ_BYTES), Buffer.alloc(READ_BYTES)];
    for (let turn = 0; ; turn = 1 - turn) {
      const buffer = buffers[turn]!;
      const bytesRead = await readSome(file, buffer, signal);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Reads what is there, at the latest when there is something; 0 at the end, and when the signal is aborted. */
async function readSome(file: FileHandle, buffer: Buffer, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    try {
      return (await file.read(buffer, 0, READ_BYTES, null)).bytesRead;
    } catch (error) {
      if (!isQuiet(error)) throw error;
      if (signal?.aborted === true) return 0;
      await sleep(QUIET_MS);
    }
  }
}

/**
 * Opens a capture: a regular file, a pipe, or `-` for standard input.
 * Throws an input error when there is no such file or it is a directory; one that can't be read fails when it is iterated.
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<Source> {
  const { signal } = options;
  if (path === STDIN) {
    if (signal !== undefined) addAbortSignal(signal, process.stdin);
    return new Source('standard input', process.stdin, undefined, options);
  }
  const file = await stat(path).catch((error: unknown) => {
    throw readError(path, error, 0);
  });
  if (file.isDirectory()) {
    throw inputError(`${path} is a directory`, {
      where: { file: path },
      suggestions: [`Name the capture files in it, such as '${path}/*'.`],
    });
  }
  if (file.isFIFO()) return new Source(path, opened(path, signal), undefined, options);
  const chunks = readFile(path, signal);
  return file.isFile() ? new Source(path, chunks, file.size, { ...options, file: path }) : new Source(path, chunks, undefined, options);
}

function opened(path: string, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  try {
    return openPipe(path, signal);
  } catch (error) {
    throw readError(path, error, 0);
  }
}
