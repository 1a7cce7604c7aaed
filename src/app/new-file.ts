// A file that appears under its name only when it is complete: until then its bytes go to a temporary one beside it.

import { existsSync, realpathSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { usageError } from '../base/errors.js';
import { cannotWrite, makeFolder } from './output.js';

export class NewFile {
  private readonly path: string;
  private readonly temporary: string;
  private readonly handle: FileHandle;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.temporary = temporary;
    this.handle = handle;
  }

  /**
   * Begins a file, with its folder. Throws a usageError when there is one already, unless `force` says to replace it or when
   * it is no regular file, and a storeError when it can't be written.
   */
  static async begin(path: string, force: boolean): Promise<NewFile> {
    const target = freeTarget(path, force);
    await makeFolder(dirname(target));
    const temporary = `${target}.${process.pid}.partial`;
    try {
      return new NewFile(target, temporary, await open(temporary, 'w'));
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  }

  /** Appends the bytes; once it resolves, they may change. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(bytes);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    try {
      await this.handle.close();
      await rename(this.temporary, this.path);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  /** Leaves nothing behind, also when the file could not be finished. */
  async discard(): Promise<void> {
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }
}

/** Writes a whole file as a NewFile. */
export async function writeNewFile(path: string, content: string | Uint8Array, force: boolean): Promise<void> {
  const file = await NewFile.begin(path, force);
  try {
    await file.write(typeof content === 'string' ? Buffer.from(content, 'utf8') : content);
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Where the file goes: a link is followed, so that what it points to is replaced. */
function freeTarget(path: string, force: boolean): string {
  if (!existsSync(path)) return path;
  if (!statSync(path).isFile()) throw usageError(`${path} is there already, and is no regular file`, ['Name another file.']);
  if (!force) throw usageError(`${path} is there already`, ['Give --force to replace it, or name another file.']);
  return realpathSync(path);
}
