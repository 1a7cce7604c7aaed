// The whole of a source, read at any place: for formats whose files can't be read from front to back.
// A regular file that isn't compressed is read where it lies. Everything else (pipes, standard input, compressed files)
// is copied to a temporary file first, as large as the source after decompression. That file loses its name as soon as
// it is open, so it is gone with the process, however that ends. Memory: none beyond the caller's own buffers.

import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import type { Content, ContentDecoder, DecodeSummary, Decoder } from './format.js';

/** A file opened for reading, as content. */
export class FileContent implements Content {
  readonly bytes: number;
  private readonly descriptor: number;

  /** Reads the first `bytes` bytes; what has been appended to the file since it was measured isn't seen. */
  constructor(path: string, bytes: number) {
    try {
      this.descriptor = openSync(path, 'r');
    } catch (error) {
      throw inputError(`${path} can't be read a second time`, { where: { file: path }, cause: error });
    }
    this.bytes = Math.min(bytes, fstatSync(this.descriptor).size);
  }

  read(at: number, target: Uint8Array): number {
    return readAt(this.descriptor, at, target, this.bytes);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A temporary file that is written from front to back, then read as content. */
export class Spool implements Content {
  bytes = 0;
  private readonly folder: string;
  private readonly descriptor: number;

  constructor(folder = tmpdir()) {
    this.folder = folder;
    const path = join(folder, `bellwether-${randomUUID()}`);
    try {
      this.descriptor = openSync(path, 'wx+', 0o600);
    } catch (error) {
      throw this.failure(error);
    }
    unlinkSync(path);
  }

  write(chunk: Uint8Array): void {
    try {
      for (let done = 0; done < chunk.length; ) done += writeSync(this.descriptor, chunk, done, chunk.length - done, this.bytes + done);
    } catch (error) {
      throw this.failure(error);
    }
    this.bytes += chunk.length;
  }

  read(at: number, target: Uint8Array): number {
    return readAt(this.descriptor, at, target, this.bytes);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private failure(cause: unknown): Error {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return inputError(`the temporary copy of the source in ${this.folder} fails after ${formatBytes(this.bytes)}: ${code}`, {
      suggestions: ['Name a folder with more room in TMPDIR, or give a regular, uncompressed file: it needs no copy.'],
      cause,
    });
  }
}

function readAt(descriptor: number, at: number, target: Uint8Array, end: number): number {
  const wanted = Math.min(target.length, Math.max(0, end - at));
  let done = 0;
  while (done < wanted) {
    const bytes = readSync(descriptor, target, done, wanted - done, at + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return done;
}

/** The decoder of a source that comes in chunks, for a format that needs all of it: a copy is made, then read at the end. */
export class SpoolingDecoder implements Decoder {
  private readonly spool = new Spool();
  private readonly open: (content: Content) => ContentDecoder;

  constructor(open: (content: Content) => ContentDecoder) {
    this.open = open;
  }

  push(chunk: Uint8Array): void {
    this.spool.write(chunk);
  }

  end(): DecodeSummary {
    try {
      const decoder = this.open(this.spool);
      while (decoder.step());
      return decoder.end();
    } finally {
      this.spool.close();
    }
  }
}
