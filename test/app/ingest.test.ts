import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { ingest } from '../../src/app/ingest.js';
import type { IngestOptions, IngestResult } from '../../src/app/ingest.js';
import { traces } from '../../src/app/traces.js';
import { insertRun, listRuns } from '../../src/store/runs.js';
import { newStore } from '../store/support.js';
import { IGNORED_LINE, LINES_PER_READ, REJECTED_LINE, UNKNOWN_LINE, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

/** A folder to ingest from, with its store. */
class Bench {
  readonly folder = tempFolder();
  readonly db = join(this.folder, 'bench.db');

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  ingest(paths: string | readonly string[], options: Partial<IngestOptions> = {}): Promise<IngestResult> {
    return ingest({ paths: [paths].flat(), db: this.db, toolVersion: '1.2.3', ...options });
  }

  get names(): readonly string[] {
    return traces(this.db).traces.map(({ name }) => name);
  }
}

function refused(exitCode: number, message: RegExp): object {
  return expect.objectContaining({ exitCode, message: expect.stringMatching(message) });
}

test('an ingested trace is described as the contract says', async () => {
  const bench = new Bench();
  const path = bench.write('a.qemu.log', reads(3) + IGNORED_LINE + UNKNOWN_LINE + REJECTED_LINE);
  const { traces: reports, skipped } = await bench.ingest(path);
  expect(skipped).toEqual([]);
  expect(reports).toEqual([
    expect.objectContaining({
      id: 1,
      name: 'a',
      format: 'qemu-log',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: 'a.qemu.log',
      records: { read: 3 * LINES_PER_READ + 1 + 1 + 1, events: 3 * LINES_PER_READ, ignored: 1, unknown: 1, rejected: 1, lost: 0 },
      unknown: { pci_nvme_frobnicate: 1 },
      event_rows: 3 * LINES_PER_READ,
      clock: 'realtime',
      span_ns: (3 * LINES_PER_READ - 1) * 1000,
      tool_version: '1.2.3',
      known: false,
    }),
  ]);
  expect(traces(bench.db).traces).toEqual([expect.objectContaining({ id: 1, name: 'a', unknown: { pci_nvme_frobnicate: 1 } })]);
  expect(JSON.parse(JSON.stringify(reports))).toEqual(reports);
});

test('the same content again is recognised, by file and by stream, and nothing is written', async () => {
  const bench = new Bench();
  const path = bench.write('a.log', reads(3));
  const [first] = (await bench.ingest(path)).traces;
  const copy = bench.write('copy.log', reads(3));
  const [again] = (await bench.ingest(copy)).traces;
  expect(again).toEqual({ ...first, known: true, evidence: null });
  expect(bench.names).toEqual(['a']);
});

test('names: short, longer, numbered; one that was given is taken as it is', async () => {
  const bench = new Bench();
  await bench.ingest(bench.write('a.qemu.log', reads(1)));
  await bench.ingest(bench.write('a.qemu.txt', reads(2)));
  await bench.ingest(bench.write('a.qemu.dat', reads(3)));
  await bench.ingest(bench.write('b.log', reads(4)), { name: 'Mine, before.' });
  expect(bench.names).toEqual(['a', 'a.qemu', 'a-2', 'Mine, before.']);
  const other = bench.write('c.log', reads(5));
  await expect(bench.ingest(other, { name: 'a' })).rejects.toEqual(
    refused(EXIT.usage, /^the name a is taken by trace 1, of other content \(a\.qemu\.log\)$/),
  );
  await expect(bench.ingest([other, other], { name: 'x' })).rejects.toEqual(refused(EXIT.usage, /^--name can't name 2 sources$/));
  expect(bench.names).toHaveLength(4);
});

test('--force replaces the same content, and the trace of the same given name, with their runs', async () => {
  const bench = new Bench();
  const a = bench.write('a.log', reads(1));
  await bench.ingest(a);
  const store = newStore(bench.db);
  insertRun(store, { name: 'r', traceId: 1, key: 'k', version: '0', parameters: {}, result: {} });
  const [again] = (await bench.ingest(a, { force: true })).traces;
  expect(again).toMatchObject({ id: 2, name: 'a', known: false });
  expect(listRuns(store)).toEqual([]);
  const [other] = (await bench.ingest(bench.write('b.log', reads(2)), { name: 'a', force: true })).traces;
  expect(other).toMatchObject({ name: 'a', source: 'b.log' });
  expect(bench.names).toEqual(['a']);
});

test('--strict and --max-rejects keep nothing of a source with faults', async () => {
  const bench = new Bench();
  const unknown = bench.write('unknown.log', reads(1) + UNKNOWN_LINE);
  const rejected = bench.write('rejected.log', reads(1) + REJECTED_LINE + REJECTED_LINE);
  await expect(bench.ingest(unknown, { strict: true })).rejects.toEqual(
    refused(EXIT.input, /log has 1 unknown record and 0 rejects; --strict allows none; nothing was kept\. 5 records: 0 ignored, 1 /),
  );
  await expect(bench.ingest(rejected, { strict: true })).rejects.toEqual(
    refused(EXIT.input, /has 0 unknown records and 2 rejects; --strict/),
  );
  await expect(bench.ingest(rejected, { maxRejects: 1 })).rejects.toEqual(
    refused(EXIT.input, /has 2 rejects; --max-rejects allows 1; .*first reject at 5: /),
  );
  expect(bench.names).toEqual([]);
  await bench.ingest(rejected, { maxRejects: 2 });
  await bench.ingest(unknown);
  await bench.ingest(bench.write('clean.log', reads(2) + IGNORED_LINE), { strict: true });
  expect(bench.names).toEqual(['rejected', 'unknown', 'clean']);
});

test('the limits hold for known content too', async () => {
  const bench = new Bench();
  const path = bench.write('a.log', reads(1) + UNKNOWN_LINE);
  await bench.ingest(path);
  await expect(bench.ingest(path, { strict: true })).rejects.toEqual(refused(EXIT.input, /--strict allows none/));
  expect(bench.names).toEqual(['a']);
});

test('a source without events, an unknown one, an empty one and a missing one are refused, and no store is created', async () => {
  const bench = new Bench();
  const ignored = bench.write('ignored.log', IGNORED_LINE.repeat(20));
  await expect(bench.ingest(ignored)).rejects.toEqual(
    refused(EXIT.input, /holds no event\. Read as qemu-log \(.+\); nothing was kept\. 20 records: 20 ignored \(pci_nvme_mmio_cfg 20\), 0 /),
  );
  const text = bench.write('text.txt', 'It is a truth universally acknowledged\n');
  await expect(bench.ingest(text)).rejects.toEqual(refused(EXIT.input, /no known format/));
  const empty = bench.write('empty.log', '');
  await expect(bench.ingest(empty)).rejects.toEqual(refused(EXIT.input, /empty\.log is empty/));
  const missing = join(bench.folder, 'none.log');
  await expect(bench.ingest(missing)).rejects.toEqual(refused(EXIT.input, /none\.log can't be read: there is no such file$/));
  await expect(bench.ingest(ignored, { format: 'morse' })).rejects.toEqual(
    refused(EXIT.usage, /^there is no format morse; known: .*qemu-log/),
  );
  expect(existsSync(bench.db)).toBe(false);
});

test('a directory: its captures in order, the rest reported', async () => {
  const bench = new Bench();
  mkdirSync(join(bench.folder, 'captures', 'deeper'), { recursive: true });
  bench.write('captures/b.log.gz', gzipSync(reads(2)));
  bench.write('captures/a.log', reads(1));
  bench.write('captures/README', 'What these are.\n');
  bench.write('captures/nothing', '');
  const folder = join(bench.folder, 'captures');
  const { skipped } = await bench.ingest(folder);
  expect(bench.names).toEqual(['a', 'b']);
  expect(skipped).toEqual([
    { path: join(folder, 'README'), reason: 'no known format' },
    { path: join(folder, 'deeper'), reason: 'a directory' },
    { path: join(folder, 'nothing'), reason: 'empty' },
  ]);
  await expect(bench.ingest(join(folder, 'deeper'))).rejects.toEqual(refused(EXIT.input, /deeper: there are no files in it/));
});

test('sources before a refused one are kept', async () => {
  const bench = new Bench();
  const good = bench.write('good.log', reads(1));
  const bad = bench.write('bad.log', IGNORED_LINE.repeat(20));
  const late = bench.write('late.log', reads(2));
  await expect(bench.ingest([good, bad, late])).rejects.toEqual(refused(EXIT.input, /bad\.log holds no event/));
  expect(bench.names).toEqual(['good']);
});

test('an aborted ingest keeps nothing of the source at hand', async () => {
  const bench = new Bench();
  const good = bench.write('good.log', reads(1));
  const long = bench.write('long.log', reads(40_000));
  const controller = new AbortController();
  const onProgress = (path: string): void => {
    if (path === long) controller.abort();
  };
  await expect(bench.ingest([good, long], { signal: controller.signal, onProgress })).rejects.toEqual(
    refused(EXIT.interrupted, /^interrupted: the store is as it was before .*long\.log$/),
  );
  expect(bench.names).toEqual(['good']);
});
