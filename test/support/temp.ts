// A folder of its own for each test, removed afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Creates an empty folder that is removed when the current test has finished. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
