// Decoding in another thread gives what decoding here gives. The thread runs from the build, as it does for users.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeHere } from '../../src/app/decoding.js';
import type { DecodeCapture, DecodedCapture, DecodeJob } from '../../src/app/decoding.js';
import { FIXTURES } from '../formats/support.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { IGNORED_LINE, LINES_PER_READ, REJECTED_LINE, UNKNOWN_LINE, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

const BUILD = new URL('../../dist/src/app/decode-thread.js', import.meta.url).href;
const { ThreadedDecoder } = (await import(BUILD)) as typeof import('../../src/app/decode-thread.js');
const decodeInThread: DecodeCapture = new ThreadedDecoder().decode;

/** As if it were large enough for a thread, which only its size decides. */
function jobFor(path: string, options: Partial<DecodeJob> = {}): DecodeJob {
  return { path, storedBytes: 2 ** 30, format: undefined, eventsFile: undefined, mmio: { bars: [] }, maxBytes: undefined, ...options };
}

interface Told {
  readonly decoded: DecodedCapture;
  readonly events: readonly PlainEvent[];
}

async function all(decode: DecodeCapture, job: DecodeJob): Promise<Told> {
  const events: PlainEvent[] = [];
  const decoded = await decode(job, {
    onBatch: (batch) => {
      for (const event of plainEvents(batch)) events.push(event);
    },
    onProgress: () => {},
  });
  return { decoded, events };
}

/** The fields of an error that a user sees. */
async function failure(decode: DecodeCapture, job: DecodeJob): Promise<object> {
  try {
    await all(decode, job);
  } catch (error) {
    const { code, exitCode, message, suggestions, where } = error as Record<string, unknown>;
    return { code, exitCode, message, suggestions, where };
  }
  throw new Error(`${job.path} was decoded`);
}

function written(name: string, content: string | Uint8Array): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}

const captures = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:gz|zst|dat|simple)$/.test(name));

test.each(captures)('%s', async (name) => {
  const declaration = name.startsWith('declared') ? { format: join(FIXTURES, 'declared/bpftrace.json') } : {};
  const job = jobFor(join(FIXTURES, name), declaration);
  const here = await all(decodeHere, job);
  expect(here.events.length).toBeGreaterThan(0);
  expect(await all(decodeInThread, job)).toEqual(here);
});

test('many batches, with all that a tally can count', async () => {
  const path = written('mixed.log', reads(8000) + UNKNOWN_LINE + REJECTED_LINE + IGNORED_LINE + reads(8000, 8000));
  const here = await all(decodeHere, jobFor(path));
  const there = await all(decodeInThread, jobFor(path));
  expect(there).toEqual(here);
  expect(there.events.length).toBe(2 * 8000 * LINES_PER_READ);
  expect(there.decoded.tally.counts).toMatchObject({ unknown: 1, rejected: 1, ignored: 1 });
});

test('errors come back with code, place and way out', async () => {
  const whole = gzipSync(reads(100));
  const jobs = [
    jobFor(written('empty.log', '')),
    jobFor(written('strange.log', 'nothing that is known\n'.repeat(100))),
    jobFor(written('damaged.log.gz', whole.subarray(0, 12))),
    jobFor(written('long.log', reads(100)), { maxBytes: 1000 }),
    jobFor(join(tempFolder(), 'missing.log')),
    jobFor(tempFolder()),
    jobFor(written('a.log', reads(1)), { format: 'morse' }),
  ];
  for (const job of jobs) {
    const there = await failure(decodeInThread, job);
    expect(there).toMatchObject({ message: expect.stringMatching(/./), exitCode: expect.any(Number) });
    expect(there).toEqual(await failure(decodeHere, job));
  }
});

test('what the sink throws ends the decoding', async () => {
  const path = written('a.log', reads(20_000));
  let batches = 0;
  const sink = {
    onBatch: (): void => {
      batches += 1;
      throw new Error('no more');
    },
    onProgress: () => {},
  };
  await expect(decodeInThread(jobFor(path), sink)).rejects.toThrow('no more');
  expect(batches).toBe(1);
});

test('an abort ends it between two batches, also while the thread waits for a free slot', async () => {
  const path = written('a.log', reads(40_000));
  const controller = new AbortController();
  let batches = 0;
  const sink = {
    onBatch: (): void => {
      batches += 1;
      controller.abort();
    },
    onProgress: () => {},
  };
  await expect(decodeInThread(jobFor(path), sink, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  await wait(50);
  expect(batches).toBe(1);
});

test('progress is told, and ends at the size of the file or before', async () => {
  const path = written('a.log', reads(40_000));
  const seen: number[] = [];
  const sink = { onBatch: (): void => {}, onProgress: ({ bytes }: { readonly bytes: number }): void => void seen.push(bytes) };
  const { bytes } = await decodeInThread(jobFor(path), sink);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(Math.max(...seen)).toBeLessThanOrEqual(bytes);
});
