// What can be ingested: a file, several, a directory; plain, gzip or zstd by content; formats and BARs that the user names.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { ingest } from '../../src/app/ingest.js';
import type { IngestOptions, IngestResult } from '../../src/app/ingest.js';
import { traces } from '../../src/app/traces.js';
import { reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const ZSTD = readFileSync(`${FIXTURES}zstd/randread32-on.mmiotrace.zst`);
const XZ = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2, 3]);

class Bench {
  readonly folder = tempFolder();
  readonly db = join(this.folder, 'bench.db');

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  ingest(paths: readonly string[], options: Partial<IngestOptions> = {}): Promise<IngestResult> {
    return ingest({ paths, db: this.db, toolVersion: '1.2.3', ...options });
  }

  get stored(): readonly (readonly [name: string, format: string])[] {
    return traces(this.db).traces.map(({ name, format }) => [name, format] as const);
  }
}

test('several files, each compressed as it likes, under names that say otherwise', async () => {
  const bench = new Bench();
  await bench.ingest([
    bench.write('plain.zst', reads(1)),
    bench.write('gzip.txt', gzipSync(reads(2))),
    bench.write('zstd.gz', ZSTD),
  ]);
  expect(bench.stored).toEqual([
    ['plain', 'qemu-log'],
    ['gzip', 'qemu-log'],
    ['zstd', 'mmiotrace'],
  ]);
});

test('a directory with files of every compression; those that are not read are skipped by name', async () => {
  const bench = new Bench();
  const folder = join(bench.folder, 'captures');
  mkdirSync(folder);
  bench.write('captures/a', reads(1));
  bench.write('captures/b', gzipSync(reads(2)));
  bench.write('captures/c', ZSTD);
  bench.write('captures/d', XZ);
  bench.write('captures/e', gzipSync('It is a truth universally acknowledged\n'));
  bench.write('captures/f', '');
  const { skipped } = await bench.ingest([folder]);
  expect(bench.stored.map(([name]) => name)).toEqual(['a', 'b', 'c']);
  expect(skipped).toEqual([
    { path: join(folder, 'd'), reason: 'compressed with xz' },
    { path: join(folder, 'e'), reason: 'no known format' },
    { path: join(folder, 'f'), reason: 'empty' },
  ]);
});

test('the same file, directory and a pattern already expanded mix', async () => {
  const bench = new Bench();
  const folder = join(bench.folder, 'captures');
  mkdirSync(folder);
  bench.write('captures/b', reads(2));
  const { traces: reports } = await bench.ingest([bench.write('a.log', reads(1)), folder, join(folder, 'b')]);
  expect(reports.map(({ name, known }) => [name, known])).toEqual([
    ['a', false],
    ['b', false],
    ['b', true],
  ]);
});

test('xz is refused with the pipe that reads it', async () => {
  const bench = new Bench();
  await expect(bench.ingest([bench.write('a.log', XZ)])).rejects.toMatchObject({
    exitCode: EXIT.input,
    message: expect.stringMatching(/a\.log is compressed with xz; of compressions, gzip and zstd are read$/),
    suggestions: [expect.stringContaining('xz -dc FILE | bellwether ingest -')],
  });
});

test('a declared format: by its file, stored under its name, known again', async () => {
  const bench = new Bench();
  const declaration = join(bench.folder, 'my.json');
  copyFileSync(`${FIXTURES}declared/bpftrace.json`, declaration);
  const capture = bench.write('nvme.txt', readFileSync(`${FIXTURES}declared/bpftrace.txt.gz`));
  const [first] = (await bench.ingest([capture], { format: declaration })).traces;
  expect(first).toMatchObject({ format: 'declared:bpftrace-nvme', clock: 'boot', known: false });
  const [again] = (await bench.ingest([capture], { format: declaration })).traces;
  expect(again).toMatchObject({ id: first?.id, known: true });
  await expect(bench.ingest([capture], { format: 'mmiotrace' })).rejects.toMatchObject({ exitCode: EXIT.usage });
  await expect(bench.ingest([capture], { format: join(bench.folder, 'none.json') })).rejects.toMatchObject({ exitCode: EXIT.usage });
});

test('--bar and --dstrd reach the decoder', async () => {
  const bench = new Bench();
  const capture = bench.write('m.log', readFileSync(`${FIXTURES}mmiotrace/randread32-on.mmiotrace.gz`));
  const [found] = (await bench.ingest([capture])).traces;
  expect(found?.dialect).toContain('BAR0 0xfebf0000 (16 KiB): CSTS read');
  const [given] = (await bench.ingest([capture], { force: true, bars: ['0xfebf0000:0x2000'] })).traces;
  expect(given?.dialect).toBe('Linux mmiotrace 20070824; BAR0 0xfebf0000 (8 KiB): given');
  expect(given?.records.events).toBe(found?.records.events);
  const [wide] = (await bench.ingest([capture], { force: true, bars: ['0xfebf0000'], dstrd: 1 })).traces;
  expect(wide?.records.rejected).toBeGreaterThan(0);
  const [elsewhere] = (await bench.ingest([capture], { force: true, bars: ['0x10000'] })).traces;
  expect(elsewhere?.event_rows, 'the mark').toBe(1);
  await expect(bench.ingest([capture], { bars: ['here'] })).rejects.toMatchObject({ exitCode: EXIT.usage });
});
