// mmiotrace logs: the fixtures against their expectations and read in other ways, lines, damage.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMmiotraceLine } from '../../src/formats/mmiotrace-line.js';
import { mmiotrace } from '../../src/formats/mmiotrace.js';
import { detectFormat } from '../../src/formats/registry.js';
import { openSource } from '../../src/formats/source.js';
import { holds } from '../support/property.js';
import { FIXTURES, countKinds, decode, decodeWith, essence, fixtureBytes, fixtureCases, sourceOf, sumsAddUp } from './support.js';

const CASES = [...fixtureCases('mmiotrace')].map(([name, file]) => ({ name, file }));

describe.each(CASES)('$name', ({ name, file }) => {
  const path = `${FIXTURES}mmiotrace/${file}`;
  const bytes = fixtureBytes('mmiotrace', file);

  test('gives what is expected', async () => {
    const expected: unknown = JSON.parse(readFileSync(`${FIXTURES}mmiotrace/${name}.expect.json`, 'utf8'));
    const { events, tally, summary, format } = await decode(await openSource(path));
    const times = events.map((event) => event.timeNs);
    expect(format.id).toBe('mmiotrace');
    expect({
      constructed: !file.endsWith('.gz'),
      clock: summary.clock,
      originNs: String(summary.originNs),
      firstNs: Math.min(...times),
      lastNs: Math.max(...times),
      records: tally.counts,
      events: countKinds(events),
      ignored: Object.fromEntries(tally.ignoredNames),
      unknown: Object.fromEntries(tally.unknownNames),
      rejected: Object.fromEntries(tally.rejectReasons),
      dialect: summary.dialect,
    }).toEqual(expected);
    expect(sumsAddUp(tally)).toBe(true);
  });

  test('keeps the order of the lines', () => {
    const places = decodeWith(mmiotrace, bytes).events.map(({ place }) => place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('is the same in pieces of 100 bytes, without its name, plain and compressed, with CRLF', async () => {
    const whole = essence(await decode(await openSource(path)));
    expect(essence(await decode(await openSource(path), { chunkBytes: 100 }))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes)))).toEqual(whole);
    expect(essence(await decode(sourceOf(gzipSync(bytes), 100)))).toEqual(whole);
    const crlf = Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    expect(essence(await decode(sourceOf(crlf)))).toEqual(whole);
  });

  test('is recognised without its head, as long as accesses are in it', () => {
    const later = bytes.subarray(bytes.indexOf('MAP ') + 10);
    expect(detectFormat(later.subarray(0, 65_536))?.format.id).toBe('mmiotrace');
  });
});

test('a capture that begins in the middle of a run finds the controller by its doorbells', () => {
  const lines = fixtureBytes('mmiotrace', 'randread32-off.mmiotrace.gz').toString('latin1').split('\n');
  const { events, summary } = decodeWith(mmiotrace, Buffer.from(lines.slice(2000, 2100).join('\n')));
  expect(countKinds(events)).toEqual({ 'doorbell.mmio': 100 });
  expect(summary.dialect).toMatch(/^Linux mmiotrace; BAR0 0xfebf0000 \(16 KiB\): 8 doorbell writes that advance$/);
});

test.each([
  ['W 4 1.000001 3 0xfebf1000 0xffffffff00000007 0x0 0', { size: 4, value: 7, write: true }],
  ['R 8 1.000001 3 0xfebf0000 0x4008200f0107ff 0xffffffffc0a1b2c3 -1', { size: 8, write: false }],
  ['MARK 0.000000 Lost 12 events.', { kind: 'lost', events: 12 }],
  ['MARK 0.000001 Lost 12 events.', { kind: 'mark' }],
  ['CPU:1 [LOST EVENTS]', { kind: 'lost', events: NaN }],
  ['MARK 1.000000 ', { kind: 'mark' }],
  ['PCIDEV 0018 1b360010 b febf0004 0 0 0 0 0 0 4000 0 0 0 0 0 0 ', { base: 0xfebf0000, size: 0x4000, memory: true, driver: '' }],
  ['PCIDEV 0018 1b360010 b febf0004 0 0 0 0 0 0 4000 0 0 0 0 0 0', { driver: '' }],
  ['PCIDEV 0008 1af41001 15 c001 0 0 0 0 0 0 80 0 0 0 0 0 0 virtio-pci', { memory: false, driver: 'virtio-pci' }],
  ['W 3 1.000001 3 0xfebf1000 0x1 0x0 0', { kind: 'rejected' }],
  ['W 4 1.1 3 0xfebf1000 0x1 0x0 0', { kind: 'rejected' }],
  ['W 4 1.000001 3 0xffffffffffffffff 0x1 0x0 0', { kind: 'rejected', reason: 'W: the address is above 2^53' }],
  ['VERSION', { kind: 'rejected' }],
  ['UNMAP', { kind: 'rejected' }],
  ['WRITE 4.2 x', { kind: 'unknown', name: 'WRITE' }],
])('%s', (text, expected) => {
  expect(readMmiotraceLine(text, true)).toMatchObject(expected);
});

test('wounded real lines are counted once, however the bytes are cut', () => {
  const real = CASES.flatMap(({ file }) => fixtureBytes('mmiotrace', file).toString('latin1').split('\n').slice(0, 300));
  const run = fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 1, max: 20 })).map(([from, count]) => real.slice(from, from + count).join('\n'));
  const put = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.stringMatching(/^[0-9a-fx .RWMAPK\n]{0,30}$/).map((text) => Buffer.from(text)));
  const wounds = fc.array(fc.record({ at: fc.nat(3000), cut: fc.nat({ max: 90 }), put }), { maxLength: 6 });
  holds(
    fc.property(run, wounds, fc.integer({ min: 1, max: 200 }), (text, all, chunkBytes) => {
      let bytes = Buffer.from(text, 'latin1');
      for (const wound of all) {
        const place = wound.at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, place), wound.put, bytes.subarray(place + wound.cut)]);
      }
      const whole = decodeWith(mmiotrace, bytes);
      expect(sumsAddUp(whole.tally)).toBe(true);
      const lines = bytes.filter((byte) => byte === 10).length + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
      expect(whole.tally.read).toBe(lines);
      expect(essence(decodeWith(mmiotrace, bytes, chunkBytes))).toEqual(essence(whole));
    }),
    300,
  );
});
