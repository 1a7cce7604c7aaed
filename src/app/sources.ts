// Which sources an ingest reads: the files named, and the regular files of the directories named.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { STDIN, readError } from '../formats/path.js';

/** A source to read. */
export interface PlannedSource {
  readonly path: string;
  /** Size in bytes; undefined when it can be read only once: standard input, a pipe. */
  readonly bytes: number | undefined;
}

/** What of a directory is not read. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

export interface SourcePlan {
  readonly sources: readonly PlannedSource[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * Resolves paths in their order; the files of a directory are sorted by name, its subdirectories skipped.
 * With `formatGiven` every file of a directory is taken that isn't empty or in a compression that isn't read; else
 * those that no format recognises are skipped too.
 * Throws an input error when a path doesn't exist or a directory holds no capture.
 */
export async function planSources(paths: readonly string[], formatGiven: boolean): Promise<SourcePlan> {
  const sources: PlannedSource[] = [];
  const skipped: SkippedFile[] = [];
  for (const path of paths) {
    if (path === STDIN) {
      sources.push({ path, bytes: undefined });
      continue;
    }
    const stats = await statOrThrow(path);
    if (!stats.isDirectory()) {
      sources.push({ path, bytes: stats.isFile() ? stats.size : undefined });
      continue;
    }
    // Looking into files takes all formats; the files that are named are looked into when they are read.
    const { planDirectory } = await import('./directory.js');
    const found = await planDirectory(path, formatGiven);
    sources.push(...found.sources);
    skipped.push(...found.skipped);
  }
  return { sources, skipped };
}

/** SHA-256 of a file as stored, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

async function statOrThrow(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw readError(path, error, 0);
  }
}
