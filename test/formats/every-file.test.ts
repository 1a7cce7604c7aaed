// Every fixture and every capture at hand: the sums add up, whatever the file is called and however its bytes are cut.

import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BellwetherError } from '../../src/base/errors.js';
import { decodeSource } from '../../src/formats/decode.js';
import type { Decoded } from '../../src/formats/decode.js';
import { loadDeclaredFormat } from '../../src/formats/declared/load.js';
import { Source } from '../../src/formats/source.js';
import { EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { FIXTURES, SHARED_TRACES, decode, essence, sourceOf, sumsAddUp } from './support.js';

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length)).map((path) => path.replace(/^\//, '')).toSorted();
}

/** What stands beside captures. */
const NO_CAPTURE = /\.(?:md|json|tsv)$|\.fio\.txt$|\.iomem\.txt$|event-formats\/|^trace-cmd\/.*formats?\b|(?:^|\/)README/;
/** Refused, with a way out. */
const REFUSED = /perf\.data/;
/** Without rules of its own no format reads it. */
const DECLARED = /bpftrace/;

async function declared(path: string): Promise<{ format?: Awaited<ReturnType<typeof loadDeclaredFormat>> }> {
  return DECLARED.test(path) ? { format: await loadDeclaredFormat(`${FIXTURES}declared/bpftrace.json`) } : {};
}

describe('fixtures', () => {
  const files = filesBelow(FIXTURES).filter((path) => !NO_CAPTURE.test(path));

  test('there are some of every format', () => {
    expect(files.length).toBeGreaterThanOrEqual(35);
  });

  test.each(files)('%s: renamed, and in reads of 100 bytes', async (path) => {
    const stored = readFileSync(FIXTURES + path);
    const options = await declared(path);
    const whole = await decode(sourceOf(stored), options);
    expect(sumsAddUp(whole.tally)).toBe(true);
    expect(whole.tally.read).toBeGreaterThan(0);
    expect(essence(await decode(sourceOf(stored, 100), options))).toEqual(essence(whole));
    const plain = path.endsWith('.gz') ? gunzipSync(stored) : stored;
    expect(essence(await decode(sourceOf(plain, 100), options))).toEqual(essence(whole));
  });
});

const shared = filesBelow(SHARED_TRACES).filter((path) => !NO_CAPTURE.test(path));

describe.skipIf(shared.length === 0)('captures', () => {
  /** The content as a stream; that of xz through its program. */
  function open(path: string): AsyncIterable<Uint8Array> {
    const file = createReadStream(SHARED_TRACES + path);
    if (path.endsWith('.gz')) return file.pipe(createGunzip());
    if (!path.endsWith('.xz')) return file;
    const xz = spawn('xz', ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
    file.pipe(xz.stdin);
    return xz.stdout;
  }

  test.each(shared)('%s', async (path) => {
    const tally = new Tally();
    const writer = new EventWriter(() => {});
    let decoded: Decoded;
    try {
      decoded = await decodeSource(new Source('renamed', open(path)), { writer, tally, ...(await declared(path)) });
    } catch (error) {
      expect(error).toBeInstanceOf(BellwetherError);
      expect(basename(path)).toMatch(REFUSED);
      return;
    }
    expect(basename(path)).not.toMatch(REFUSED);
    expect(sumsAddUp(tally)).toBe(true);
    expect(tally.counts.events).toBeGreaterThan(0);
    expect(decoded.summary.dialect).not.toBe('');
  });
});
