// The tables behind the QEMU formats: events by release, their names in bytes, dates in prefixes.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFINITIONS, FIRST_PCI_RELEASE, RELEASES, definitionsOf, releaseIndex } from '../../src/formats/qemu/events.js';
import { KNOWN_EVENTS, findEvent } from '../../src/formats/qemu/names.js';
import { MAPPED_EVENTS, MAX_MAPPED_ARGS, isMapped } from '../../src/formats/qemu/mapped.js';
import { PrefixReader, daysSinceEpoch } from '../../src/formats/qemu/prefix.js';
import { holds } from '../support/property.js';

// [QEMU] number of events with the prefix in hw/block/trace-events and hw/nvme/trace-events of each release.
const EVENTS_LISTED: Readonly<Record<string, number>> = {
  '2.12': 86, '3.0': 86, '3.1': 86, '4.0': 84, '4.1': 86, '4.2': 86, '5.0': 86, '5.1': 90, '5.2': 125,
  '6.0': 199, '6.1': 197, '6.2': 195, '7.0': 200, '7.1': 211, '7.2': 211, '8.0': 212, '8.1': 213, '8.2': 213,
  '9.0': 213, '9.1': 213, '9.2': 214, '10.0': 214, '10.1': 214, '10.2': 214,
};

test.each(RELEASES)('QEMU %s lists as many events as its source does, each once', (release) => {
  const at = releaseIndex(release);
  const names = DEFINITIONS.filter(({ from, to }) => from <= at && at <= to).map(({ name }) => name);
  expect(names).toHaveLength(EVENTS_LISTED[release] ?? NaN);
  expect(new Set(names).size).toBe(names.length);
});

test('every argument that the mapping needs is in the newest definition of its event', () => {
  for (const [name, needed] of Object.entries(MAPPED_EVENTS)) {
    const args = definitionsOf(name).at(-1)?.args.map((arg) => arg.name);
    expect({ name, args }).toEqual({ name, args: expect.arrayContaining([...needed]) });
    expect(needed.length).toBeLessThanOrEqual(MAX_MAPPED_ARGS);
    expect(isMapped(name)).toBe(true);
  }
});

test('every known name is found in bytes, and no name that differs in a byte', () => {
  const names = new Set(KNOWN_EVENTS.map(({ fullName }) => fullName));
  expect(names.size).toBe(KNOWN_EVENTS.length);
  for (const { fullName } of KNOWN_EVENTS) {
    const bytes = Buffer.from(`>${fullName} <`);
    expect(findEvent(bytes, 1, bytes.length - 1)?.fullName).toBe(fullName);
    for (let at = 1; at < bytes.length - 1; at++) {
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(at) ^ 1, at);
const text = other.toString('latin1', 1, other.length - 1);
      const name = text.slice(0, -1);
      expect(findEvent(other, 1, other.length - 1)?.fullName).toBe(text.endsWith(' ') && names.has(name) ? name : undefined);
    }
  }
});

test('names have the prefix of their releases', () => {
  for (const { fullName, from, to, driver } of KNOWN_EVENTS) {
    if (driver) continue;
    if (fullName.startsWith('pci_nvme_')) expect(from).toBeGreaterThanOrEqual(FIRST_PCI_RELEASE);
    else expect(to).toBeLessThan(FIRST_PCI_RELEASE);
  }
});

test('days agree with the calendar of the platform', () => {
  holds(
    fc.property(fc.integer({ min: 1970, max: 9999 }), fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }), (year, month, day) => {
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      expect(daysSinceEpoch(year, month, day)).toBe(exists ? date.getTime() / 86_400_000 : NaN);
    }),
    5000,
  );
  for (let day = 0; day < 150_000; day += 1) {
    const date = new Date(day * 86_400_000);
    if (daysSinceEpoch(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()) !== day) expect.fail(date.toISOString());
  }
});

function readPrefix(text: string): { length: number; seconds: number; nanoseconds: number; thread: number; style: string } {
  const reader = new PrefixReader();
  const bytes = Buffer.from(text);
  const length = reader.read(bytes, 0, bytes.length);
  const { seconds, nanoseconds, thread, style } = reader;
  return { length, seconds, nanoseconds, thread, style };
}

test('the prefixes of all releases', () => {
  const seconds = Date.UTC(2025, 6, 21, 18, 43, 28) / 1000;
  expect(readPrefix('4711@1601234567.000042:pci')).toEqual({ length: 23, seconds: 1_601_234_567, nanoseconds: 42_000, thread: 4711, style: 'thread' });
  expect(readPrefix('2025-07-21T18:43:28.089797Z pci')).toEqual({ length: 28, seconds, nanoseconds: 89_797_000, thread: -1, style: 'iso' });
  expect(readPrefix('2025-07-21T18:43:28Z pci')).toEqual({ length: 21, seconds, nanoseconds: 0, thread: -1, style: 'iso' });
});

test.each([
  'pci_nvme_read', '', '4711', '4711@', '4711@160', '4711@160.00004:x', '4711@160.0000421:x', '4711@.000042:x', '@160.000042:x', '4711@160.000042 x',
  '4711@160,000042:x', '2147483648@160.000042:x', '4711@99999999999999999999.000042:x', '2025-07-21T18:43:28.08979Z x', '2025-07-21T18:43:28.Z x',
  '2025-13-21T18:43:28Z x', '2025-02-29T18:43:28Z x', '2025-07-21T24:43:28Z x', '2025-07-21T18:60:28Z x', '2025-07-21T18:43:60Z x', '2025-07-21T18:43:28Zx',
  '2025-07-21 18:43:28Z x', '1969-07-21T18:43:28Z x', '2025-07-21T18:43:28.089797+02:00 x',
])('no prefix: %s', (text) => {
  expect(readPrefix(text)).toEqual({ length: 0, seconds: NaN, nanoseconds: NaN, thread: -1, style: 'none' });
});
