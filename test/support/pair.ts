// A store with the bundled pair of captures, made once for a file of tests.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { bellwether } from './bellwether.js';
import { tempFolder } from './temp.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/qemu-log');
export const OFF_FILE = 'randread32-off-1.qemu.log.gz';
export const ON_FILE = 'randread32-on-1.qemu.log.gz';

/** Fills a folder with both captures and bellwether.db, which has them as randread32-off-1 and randread32-on-1. */
async function fill(folder: string): Promise<string> {
  for (const name of [OFF_FILE, ON_FILE]) copyFileSync(join(FIXTURES, name), join(folder, name));
  const { code, stderr } = await bellwether(folder, 'ingest', '-q', OFF_FILE, ON_FILE);
  expect([code, stderr]).toEqual([0, '']);
  return folder;
}

/** Such a folder for the current test. */
export function pairFolder(): Promise<string> {
  return fill(tempFolder());
}

/** Such a folder for all tests of a file. Call it outside of tests; `prepare` runs when it is filled. */
export function sharedPair(prepare: (folder: string) => Promise<void>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-pair-'));
  beforeAll(async () => prepare(await fill(folder)), 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
