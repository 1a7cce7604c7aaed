// Writing files for the user: folders are made, and what can't be written is named.

import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { storeError } from '../base/errors.js';

/** Makes a folder with those above it. Throws a storeError that names the path. */
export async function makeFolder(path: string): Promise<void> {
  // One by one: Node's own recursive mkdir never ends where a file system refuses new folders as not found, as /proc does.
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  try {
    for (const folder of missing) await mkdir(folder);
    if (!(await stat(path)).isDirectory()) throw new Error('it is not a folder');
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Writes a file, replacing what is there, and makes its folder. Throws a storeError that names the path. */
export async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** A storeError that names the path. */
export function cannotWrite(path: string, cause: unknown): Error {
  return storeError(`${path} can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
