// Files that are no captures: what they are, and what to do instead. The beginnings are by the tools' own formats.

import { gunzipSync, gzipSync } from 'node:zlib';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BellwetherError, EXIT } from '../../src/base/errors.js';
import { nearMiss } from '../../src/formats/near-misses.js';
import { FORMATS, detectFormat } from '../../src/formats/registry.js';
import { targets } from './corpus.js';
import { SimpleWriter } from './simple-writer.js';
import { SHARED_TRACES, decode, sourceOf } from './support.js';

const bytes = (...list: readonly number[]): Buffer => Buffer.concat([Buffer.from(list), Buffer.alloc(60)]);

async function refused(content: Buffer): Promise<BellwetherError> {
  const error = await decode(sourceOf(content)).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof BellwetherError)) throw new Error('it was read');
  expect(error.exitCode).toBe(EXIT.input);
  expect(error.where.file).toBe('unknown');
  expect(error.message).toContain('unknown');
  return error;
}

test.each<[string, Buffer, RegExp, RegExp]>([
  ['perf.data', Buffer.from('PERFILE2h\0\0\0'), /perf's binary perf\.data/, /perf script/],
  ['perf.data of the other byte order', Buffer.from('2ELIFREP\0\0\0\0'), /perf\.data/, /perf script/],
  ['pcap', bytes(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0), /packet capture/, /QEMU -trace/],
  ['pcap in ns, big endian', bytes(0xa1, 0xb2, 0x3c, 0x4d), /packet capture/, /QEMU -trace/],
  ['pcapng', bytes(0x0a, 0x0d, 0x0d, 0x0a, 0x1c), /packet capture/, /QEMU -trace/],
  ['CTF', bytes(0xc1, 0x1f, 0xfc, 0xc1), /CTF/, /babeltrace2/],
  ['CTF metadata', Buffer.from('/* CTF 1.8 */\ntrace {\n'), /CTF/, /babeltrace2/],
  ['CTF metadata in packets', bytes(0x75, 0xd1, 0x1d, 0x57), /CTF/, /babeltrace2/],
  ['blktrace', bytes(0x07, 0x41, 0x61, 0x65), /blktrace/, /nvme:\*/],
  ['blkparse', Buffer.from('8,0    1        1     0.000000000   697  G   W 223490 + 8 [kjournald]\n'), /blktrace/, /nvme:\*/],
  ['fio as JSON', Buffer.from('{\n  "fio version" : "fio-3.33",\n'), /fio's report/, /capture while fio runs/],
  ['fio as text', Buffer.from('job: (g=0): rw=randread, bs=(R) 4096B-4096B\nfio-3.33\n'), /fio's report/, /capture while fio runs/],
  ['a store', Buffer.from('SQLite format 3\0\x10\0'), /SQLite/, /--db/],
  ['UTF-16', Buffer.from('\ufeff4711@1.000000:pci_nvme_irq_pin pulsing IRQ pin\n', 'utf16le'), /UTF-16/, /iconv/],
  ['simple by SystemTap', new SimpleWriter().record(7, 1000, 1, 2).bytes.subarray(24), /SystemTap/, /qemu-trace-stap/],
  ['trace-events-all', Buffer.from('# See docs\n\ndisable vcpu foo(void) "x"\n'), /list of trace events/, /--events-file/],
  ['Chrome JSON', Buffer.from('{"displayTimeUnit":"ns","traceEvents":['), /JSON/, /--format/],
  ['a web page', Buffer.from('<!DOCTYPE html>\n<html>'), /web page/, /Download/],
  ['a kernel image', bytes(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1), /executable/, /capture/],
  ['gzip in gzip', gzipSync(gzipSync('x'.repeat(500))), /compressed twice/, /gzip -dc FILE/],
  ['lines of CR alone', Buffer.from('4711@1.000000:pci_nvme_irq_pin pulsing IRQ pin\r'.repeat(50)), /CR alone/, /tr '\\r' '\\n'/],
  ['kernel stamps before QEMU lines', Buffer.from('[   12.345678] 4711@1.000000:pci_nvme_irq_pin pulsing IRQ pin\n'.repeat(50)), /behind something else/, /--format qemu-log/],
  ['a container log', Buffer.from('2026-11-25T18:00:01.1Z stderr F pci_nvme_irq_pin pulsing IRQ pin\n'), /behind something else/, /--format qemu-log/],
  ['zeros', Buffer.alloc(1000), /zeros/, /capture again/],
])('%s', async (_, content, what, wayOut) => {
  const error = await refused(content);
  expect(error.message).toMatch(what);
  expect(error.suggestions.join(' ')).toMatch(wayOut);
});

test('other bytes: what is known is listed', async () => {
  const error = await refused(Buffer.from('the quick brown fox\n'));
  for (const { id } of FORMATS) expect(error.message).toContain(id);
});

test.each<[string, Buffer, RegExp, RegExp]>([
  ['simple of version 3', new SimpleWriter({ version: 3 }).record(5, 1, 1).bytes, /version 3/, /--events-file/],
  ['simple of version 0', new SimpleWriter({ version: 0 }).bytes, /version 0/, /QEMU 1\.1/],
  ['simple of version 5', new SimpleWriter({ version: 5 }).bytes, /version 5/, /simpletrace\.py/],
  ['trace.dat of version 5', Buffer.from('\x17\x08\x44tracing5\0', 'latin1'), /version "5"/, /trace-cmd convert/],
  ['trace.dat with another compression', Buffer.from('\x17\x08\x44tracing7\0\x00\x08\x00\x10\x00\x00lz4\0\0\0\0\0\0\0\0\0\0', 'latin1'), /"lz4"/, /--compression none/],
])('a format that is read, in a shape that is not: %s', async (_, content, message, wayOut) => {
  const error = await refused(content);
  expect(error.message).toMatch(message);
  expect(error.suggestions.join(' ')).toMatch(wayOut);
});

test.each([
  ['ftrace', '# tracer: function\n#\n            bash-1994  [000] ....  4342.324896: mutex_unlock <-rb_simple_write\n'],
  ['trace-cmd', 'cpus=2\n            bash-1994  [000]  4342.324896: function:             mutex_unlock <-- rb_simple_write\n'],
])('a function tracer in %s: the evidence says what to capture instead', (_, text) => {
  expect(detectFormat(Buffer.from(text))?.detection.evidence).toMatch(/a function tracer records calls: capture events instead, such as trace-cmd record -e nvme/);
});

test('no capture is taken for one of them, except for lines that other formats have in common with the log', () => {
  const found = targets().flatMap(({ corpus }) => corpus.map((file) => nearMiss(file)?.what));
  expect(new Set(found)).toEqual(new Set([undefined, "text with events of QEMU's NVMe device behind something else on their lines"]));
  for (const { corpus, id } of targets()) {
    for (const file of corpus) expect(id === 'declared' || detectFormat(file) !== undefined || nearMiss(file) === undefined).toBe(true);
  }
});

const PERF_DATA = `${SHARED_TRACES}linux-text/perf.data.gz`;

test.skipIf(!existsSync(PERF_DATA))('a real perf.data', async () => {
  expect((await refused(gunzipSync(readFileSync(PERF_DATA)))).suggestions.join(' ')).toContain('perf script --ns');
});
