// A folder of its own for each test, removed afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** Creates an empty folder that is removed when the current test has finished. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates an empty folder for all tests of a file, removed after the last. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
