// The bytes of a source that may still grow: a log that somebody writes, trace_pipe, a named pipe, standard input.
// Reading never waits, so whoever reads can do something at intervals, and end at any time.
// Memory: one chunk of 64 KiB.

import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputError } from '../base/errors.js';
import { STDIN, readError } from './path.js';
import { READ_WITHOUT_WAITING, isQuiet, openPipe } from './pipe.js';

const READ_BYTES = 64 * 1024;
/** A quiet source is looked at again after this time, then after twice as long, up to the longest. */
const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;

/** Nothing has come since the last read, but something may. */
export const QUIET = 'quiet';
/** Why nothing will come any more. */
export type SourceEnd = 'end of input' | 'file shrunk' | 'file replaced' | 'file removed';

export interface GrowingSource {
  /** The path as given, or "standard input". */
  readonly name: string;
  /** Why read() returned undefined. */
  readonly ended: SourceEnd;
  /** The next bytes, valid until the next call; QUIET if there are none at the moment, undefined if there will be none. */
  read(): Promise<Uint8Array | typeof QUIET | undefined>;
  /** Returns when bytes may have come, at the latest after `ms` or when the signal is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens a regular file, a pipe, or `-` for standard input. Throws an input error when that fails or it is a directory. */
export async function openGrowing(path: string): Promise<GrowingSource> {
  if (path === STDIN) return new GrowingStream('standard input', process.stdin);
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) {
      throw inputError(`${path} is a directory, and one file at a time can be followed`, {
        where: { file: path },
        suggestions: ['Name the file that is being written.'],
      });
    }
    if (stats.isFIFO()) return new GrowingStream(path, openPipe(path));
    return new GrowingFile(path, await open(path, READ_WITHOUT_WAITING));
  } catch (error) {
    throw readError(path, error, 0);
  }
}

/** A regular file or a device. */
class GrowingFile implements GrowingSource {
  readonly name: string;
  ended: SourceEnd = 'end of input';
  private readonly handle: FileHandle;
  private readonly buffer = Buffer.alloc(READ_BYTES);
  private bytesRead = 0;
  private opened: Stats | undefined;
  /** Largest size seen. Files of tracefs, which have no size, never get smaller. */
  private size = 0;
  private ending = false;
  private waitMs = SHORTEST_WAIT_MS;

  constructor(path: string, handle: FileHandle) {
    this.name = path;
    this.handle = handle;
  }

  async read(): Promise<Uint8Array | typeof QUIET | undefined> {
    const bytes = await this.tryRead();
    if (bytes > 0) {
      this.bytesRead += bytes;
      this.waitMs = SHORTEST_WAIT_MS;
      return this.buffer.subarray(0, bytes);
    }
    if (this.ending) return undefined;
    this.opened ??= await this.handle.stat();
    this.ending = bytes === 0 && (!this.opened.isFile() || (await this.changed(this.opened)));
    // What was written before the end was seen still counts.
    return this.ending ? this.read() : QUIET;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await sleep(Math.min(ms, this.waitMs), undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Bytes read; NaN when the file has none at the moment. */
  private async tryRead(): Promise<number> {
    try {
      const { bytesRead } = await this.handle.read(this.buffer, 0, READ_BYTES, null);
      return bytesRead;
    } catch (error) {
      if (!isQuiet(error)) throw readError(this.name, error, this.bytesRead);
      return NaN;
    }
  }

  /** Whether the path no longer leads to what was opened, or that got shorter. */
  private async changed(opened: Stats): Promise<boolean> {
    const now = await stat(this.name).catch(() => undefined);
    if (now === undefined) this.ended = 'file removed';
    else if (now.ino !== opened.ino || now.dev !== opened.dev) this.ended = 'file replaced';
    else if (now.size < this.size) this.ended = 'file shrunk';
    this.size = Math.max(this.size, now?.size ?? 0);
    return this.ended !== 'end of input';
  }
}

/** Standard input, whatever it is, or a named pipe. */
export class GrowingStream implements GrowingSource {
  readonly name: string;
  readonly ended = 'end of input';
  private readonly stream: Readable;
  private bytesRead = 0;
  private done = false;
  private failure: unknown;
  /** Something has happened since the last wait. */
  private woken = false;
  /** Ends the wait that goes on. */
  private wake: (() => void) | undefined;

  constructor(name: string, stream: Readable) {
    this.name = name;
    this.stream = stream;
    const wake = (): void => {
      this.woken = true;
      this.wake?.();
    };
    stream.on('readable', wake);
    stream.on('end', () => {
      this.done = true;
      wake();
    });
    stream.on('error', (error) => {
      this.failure = error;
      wake();
    });
  }

  async read(): Promise<Uint8Array | typeof QUIET | undefined> {
    const chunk = this.stream.read() as Buffer | null;
    if (chunk !== null) {
      this.bytesRead += chunk.length;
      return chunk;
    }
    if (this.failure !== undefined) throw readError(this.name, this.failure, this.bytesRead);
    return this.done ? undefined : QUIET;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.woken && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          this.wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done);
        this.wake = done;
      });
    }
    this.woken = false;
  }

  async close(): Promise<void> {
    this.stream.destroy();
  }
}
