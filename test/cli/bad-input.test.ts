// Bad input through the real binary: what can be understood is kept and the rest accounted for, or one clear error names the
// file, the place and the way out; --strict refuses what is partly bad. Never a crash, a hang, or memory beyond the bound.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bellwether, outcome, start } from '../support/bellwether.js';
import type { Outcome } from '../support/bellwether.js';
import { reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';
import { SimpleWriter } from '../formats/simple-writer.js';
import { FIXTURES } from '../formats/support.js';

/** What the documentation states for ingest, with what Node itself takes. */
const MAX_RESIDENT_BYTES = 256 * 1024 ** 2;
const LOG = Buffer.from(reads(50));
const LINE_START = LOG.indexOf(10, 3000) + 1;
const DAT = gunzipSync(readFileSync(`${FIXTURES}trace-dat/linux6.12-v7-none.dat.gz`));
const DAT_6 = gunzipSync(readFileSync(`${FIXTURES}trace-dat/linux6.12-v6.dat.gz`));
const SIMPLE = new SimpleWriter().mapping(1, 'pci_nvme_mmio_doorbell_sq').record(1, 1000, 1, 1).record(1, 2000, 1, 2);

const BROKEN = /the text is not that of the event|no event name and text behind the prefix/;

/** Peak resident memory of a running process, from the kernel; undefined where there is no such file. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs `ingest` with chunks on standard input, and fails when it takes too much memory. */
async function piped(chunks: Iterable<Uint8Array>, ...args: string[]): Promise<Outcome> {
  const child = start(tempFolder(), 'ingest', '-', '--name', 'x', ...args);
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(child.pid) ?? 0);
  }, 10);
  const ended = outcome(child);
  for (const chunk of chunks) {
    if (!child.stdin.write(chunk)) await new Promise<void>((resolve) => child.stdin.once('drain', resolve).once('close', resolve));
  }
  child.stdin.end();
  const result = await ended;
  clearInterval(timer);
  expect(most).toBeLessThan(MAX_RESIDENT_BYTES);
  return result;
}

function* repeated(head: Uint8Array, piece: Uint8Array, times: number): Generator<Uint8Array> {
  yield head;
  for (let i = 0; i < times; i++) yield piece;
}

/** No stack, no word of a bug of ours. */
function expectCivil({ stderr, signal }: Outcome): void {
  expect(signal).toBeNull();
  expect(stderr).not.toMatch(/internal error|^\s+at .*\d+:\d+/m);
}

function lying(size: number): Buffer {
  const bytes = Buffer.from(SIMPLE.bytes);
  // The length of the last record: its arguments are 16 bytes, behind it 4 bytes of process id.
  bytes.writeUInt32LE(size, bytes.length - 24);
  return bytes;
}

/** The length of an option in the last section of trace.dat, made huge. */
function lyingDat(): Buffer {
  const bytes = Buffer.from(DAT);
  const options = Number(bytes.readBigUInt64LE(DAT.indexOf('none\0') + 'none\0'.length + DAT.subarray(DAT.indexOf('none\0') + 5).indexOf(0) + 1));
  bytes.writeUInt32LE(0xffff_fff0, options + 16 + 2);
  return bytes;
}

/** Partly bad: code 0 with the rest kept and counted, code 3 with --strict. */
test.each<[string, Buffer, RegExp]>([
  ['a text cut off in a line', LOG.subarray(0, LOG.length - 20), /the last line is cut off/],
  ['garbage in the middle', Buffer.concat([LOG.subarray(0, 3000), Buffer.from(Uint8Array.from({ length: 3000 }, (_, i) => (i * 167) & 0xff)), LOG.subarray(3000)]), BROKEN],
  ['NULs in the middle', Buffer.concat([LOG.subarray(0, LINE_START), Buffer.alloc(5000), Buffer.from('\n'), LOG.subarray(LINE_START)]), /NUL bytes: no text/],
  ['NULs in a record', Buffer.concat([LOG.subarray(0, LINE_START + 40), Buffer.alloc(5000), LOG.subarray(LINE_START + 40)]), BROKEN],
  ['a gzip file cut off', gzipSync(Buffer.from(reads(5000))).subarray(0, 20_000), /the gzip data are cut off/],
  ['a binary trace cut off', SIMPLE.bytes.subarray(0, SIMPLE.bytes.length - 5), /./],
  ['a binary trace with a record of 4 GiB', lying(0xffff_ffff), /./],
  ['a binary trace with a record of 3 bytes', lying(3), /./],
  ['a trace.dat cut off in its data', DAT_6.subarray(0, DAT_6.length - 9000), /./],
])('%s', async (_, bytes, reason) => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'bad'), bytes);
  const { stdout, ...rest } = await bellwether(folder, 'ingest', 'bad', '--json');
  expectCivil({ stdout, ...rest });
  expect(rest.code).toBe(0);
  const { records } = JSON.parse(stdout).traces[0];
  expect(records.rejected).toBeGreaterThan(0);
  expect(records.events).toBeGreaterThan(0);
  expect(records.read).toBe(records.events + records.ignored + records.unknown + records.rejected);
  expect((await bellwether(folder, 'info', 'bad')).stdout).toMatch(reason);

  const strict = await bellwether(folder, 'ingest', 'bad', '--strict', '--db', 'strict.db');
  expectCivil(strict);
  expect(strict.code).toBe(3);
  expect(strict.stderr).toMatch(/bad has .*--strict allows none/);
  expect(strict.stderr).toMatch(reason);
  expect((await bellwether(folder, 'traces', '--db', 'strict.db', '--json')).stdout).not.toContain('"name"');
});

/** Bad altogether: one error with the file and the way out. */
test.each<[string, Buffer, RegExp]>([
  ['an empty file', Buffer.alloc(0), /bad is empty/],
  ['zeros', Buffer.alloc(100_000), /bad is no capture of a known format: it is all zeros/],
  ['invalid UTF-8', Buffer.concat(Array.from({ length: 3000 }, () => Buffer.of(0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a))), /bad: no known format/],
  ['a trace.dat cut off in its tables', DAT.subarray(0, 600), /bad/],
  ['a trace.dat whose options are 4 GiB long', lyingDat(), /bad/],
])('%s: refused', async (_, bytes, message) => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'bad'), bytes);
  const text = await bellwether(folder, 'ingest', 'bad');
  expectCivil(text);
  expect(text.code).toBe(3);
  expect(text.stdout).toBe('');
  expect(text.stderr).toMatch(message);
  expect(text.stderr).toContain('Try: ');
  const json = JSON.parse((await bellwether(folder, 'ingest', 'bad', '--json')).stdout);
  expect(json).toMatchObject({ error: { exit_code: 3, code: 'E_INPUT' } });
});

test('a line of 100 MB between records: one reject', async () => {
  const piece = Buffer.alloc(1_000_000, 0x61);
  const { code, stdout, ...rest } = await piped([...repeated(LOG, piece, 100), Buffer.from('\n'), LOG], '--json');
  expectCivil({ code, stdout, ...rest });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ records: { read: 401, events: 400, rejected: 1 } }] });
});

test('a gzip bomb ends at --max-bytes, in bounded memory', async () => {
  const bomb = gzipSync(Buffer.concat([LOG, Buffer.alloc(200_000_000, 0x0a)]), { level: 9 });
  expect(bomb.length).toBeLessThan(300_000);
  const result = await piped([bomb], '--max-bytes', '5000000');
  expectCivil(result);
  expect(result.code).toBe(3);
  expect(result.stderr).toMatch(/more than 5000000 bytes .* after decompression/);
  expect(result.stderr).toContain('--max-bytes');
});

test('time that runs backwards and lines in any order: all kept, in the order of the file', async () => {
  const folder = tempFolder();
  const lines = reads(50).trimEnd().split('\n');
  writeFileSync(join(folder, 'backwards.log'), `${lines.toReversed().join('\n')}\n`);
  const { code, stdout } = await bellwether(folder, 'ingest', 'backwards.log', '--strict', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ records: { read: 200, events: 200, rejected: 0 }, span_ns: 199_000 }] });
  const info = await bellwether(folder, 'info', 'backwards');
  expectCivil(info);
  expect(info.code).toBe(0);
});

test('a directory of mixed things: the captures are read, the rest is named with what it is', async () => {
  const folder = tempFolder();
  const mixed = join(folder, 'mixed');
  mkdirSync(join(mixed, 'deeper'), { recursive: true });
  const put = (name: string, content: Uint8Array | string): void => writeFileSync(join(mixed, name), content);
  put('a.log', LOG);
  put('b.bin', SIMPLE.bytes);
  put('c', DAT);
  put('empty', '');
  put('fio.json', '{\n  "fio version" : "fio-3.33",\n');
  put('noise', Uint8Array.from({ length: 5000 }, (_, i) => (i * 167) & 0xff));
  put('perf.data', 'PERFILE2h\0\0\0');
  put('two.tar', tarOf(['first.log', LOG], ['second.log', LOG]));
  symlinkSync('nowhere', join(mixed, 'dangling'));
  symlinkSync('loop', join(mixed, 'loop'));
  expect(spawnSync('mkfifo', [join(mixed, 'pipe')]).status).toBe(0);
  put('x.xz', Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0, 0]));
  const { code, stdout, stderr } = await bellwether(folder, 'ingest', 'mixed', '--json');
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(document.traces.map(({ format }: { format: string }) => format)).toEqual(['qemu-log', 'qemu-simple', 'trace-dat']);
  expect(document.skipped.map(({ path, reason }: { path: string; reason: string }) => [path, reason])).toEqual([
    ['mixed/dangling', 'a link that leads nowhere'],
    ['mixed/deeper', 'a directory'],
    ['mixed/empty', 'empty'],
    ['mixed/fio.json', "fio's report"],
    ['mixed/loop', 'a link that leads nowhere'],
    ['mixed/noise', 'no known format'],
    ['mixed/perf.data', "perf's binary perf.data"],
    ['mixed/pipe', 'a named pipe'],
    ['mixed/two.tar', 'a tar archive'],
    ['mixed/x.xz', 'compressed with xz'],
  ]);
  expect(stderr).not.toContain('Error');

  const nothing = await bellwether(mixed, 'ingest', 'deeper');
  expect(nothing.code).toBe(3);
  expect(nothing.stderr).toMatch(/deeper: there are no files in it/);
  const nested = await bellwether(folder, 'ingest', '.');
  expect(nested.code).toBe(3);
  expect(nested.stderr).toMatch(/Try: Name the directories in it, such as mixed/);
});

/** An archive of files, by POSIX: a header block and the content, each padded to 512 bytes. */
function tarOf(...files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const blocks = files.flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('ustar\x0000', 257);
    return [header, content, Buffer.alloc(511 - ((content.length + 511) % 512))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
