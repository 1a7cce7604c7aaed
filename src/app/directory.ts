// What of a directory an ingest reads: the regular files that a format recognises.

import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '../base/errors.js';
import { plural } from '../base/units.js';
import { RefusedCompression } from '../formats/codec.js';
import { HEAD_BYTES } from '../formats/format.js';
import { nearMiss } from '../formats/near-misses.js';
import { detectFormat } from '../formats/registry.js';
import { DamagedSource, openSource } from '../formats/source.js';
import type { PlannedSource, SkippedFile, SourcePlan } from './sources.js';

/** Why a directory in a directory is left out. */
const SUBDIRECTORY = 'a directory';

/** The captures in a directory, by name, and what else is there. Throws an input error when there is no capture. */
export async function planDirectory(folder: string, formatGiven: boolean): Promise<SourcePlan> {
  const sources: PlannedSource[] = [];
  const skipped: SkippedFile[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined);
    const reason = stats?.isFile() === true && stats.size > 0 ? await reasonToSkip(path, formatGiven) : whatElse(stats);
    if (reason === undefined) sources.push({ path, bytes: stats?.size });
    else skipped.push({ path, reason });
  }
  if (sources.length === 0) throw noCapture(folder, skipped);
  return { sources, skipped };
}

/** What a name of a directory stands for that isn't read. What is neither a file nor a directory would block or has no end. */
function whatElse(stats: Stats | undefined): string {
  if (stats === undefined) return 'a link that leads nowhere';
  if (stats.isFile()) return 'empty';
  if (stats.isDirectory()) return SUBDIRECTORY;
  return stats.isFIFO() ? 'a named pipe' : 'a device or a socket';
}

function noCapture(folder: string, skipped: readonly SkippedFile[]): Error {
  const folders = skipped.filter(({ reason }) => reason === SUBDIRECTORY).length;
  const files = skipped.length - folders;
  const suggestions = ['"bellwether list formats" shows the known formats; name one with --format.'];
  if (folders > 0) suggestions.unshift(`Name the directories in it, such as ${skipped.find(({ reason }) => reason === SUBDIRECTORY)?.path ?? ''}: they are not searched.`);
  return inputError(`${folder}: ${files === 0 ? 'there are no files in it' : `none of its ${plural(files, 'file')} is a capture of a known format`}`, {
    where: { file: folder },
    suggestions: files === 0 ? suggestions.slice(0, -1) : suggestions,
  });
}

/** Undefined for a file to read: one of a known format, or any that can be decompressed if the format is given. */
async function reasonToSkip(path: string, formatGiven: boolean): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of await openSource(path)) {
      parts.push(Uint8Array.from(chunk));
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch (error) {
    if (error instanceof RefusedCompression) return `compressed with ${error.compression}`;
    // Damaged compression: what came before decides.
    if (!(error instanceof DamagedSource)) throw error;
  }
  const head = Buffer.concat(parts).subarray(0, HEAD_BYTES);
  if (formatGiven || detectFormat(head) !== undefined) return undefined;
  return nearMiss(head)?.what ?? 'no known format';
}
