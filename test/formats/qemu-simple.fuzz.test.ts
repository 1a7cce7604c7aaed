// Damaged binary traces: nothing throws but an input error, every record ends in one way, memory stays small.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BellwetherError } from '../../src/base/errors.js';
import { qemuSimple } from '../../src/formats/qemu/simple.js';
import { holds } from '../support/property.js';
import { decodeWith, essence, fixtureBytes, sumsAddUp } from './support.js';

const WHOLE = fixtureBytes('qemu-simple', 'randread32-on-first-4000.simple.gz');
/** Up to the first event. */
const NAMES_END = 173_464;
const NAMES = WHOLE.subarray(0, NAMES_END);
/** Only the names of device events: a small trace makes room for many cases. */
const HEADER = Buffer.concat([WHOLE.subarray(0, 24), ...deviceNames()]);
const RECORDS = WHOLE.subarray(NAMES_END, NAMES_END + 4_000);
const TRACE = Buffer.concat([HEADER, RECORDS]);

function deviceNames(): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 24; at < NAMES_END; ) {
    const end = at + 20 + NAMES.readUInt32LE(at + 16);
    if (NAMES.toString('latin1', at + 20, end).startsWith('pci_nvme_')) names.push(NAMES.subarray(at, end));
    at = end;
  }
  return names;
}

/** Decodes; undefined when the input is refused as a whole. Anything else that is thrown fails the test. */
function outcomeOf(bytes: Uint8Array, chunkBytes?: number): ReturnType<typeof decodeWith> | undefined {
  try {
    return decodeWith(qemuSimple, bytes, chunkBytes);
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    return undefined;
  }
}

function accountsFor(bytes: Uint8Array, chunkBytes: number): void {
  const outcome = outcomeOf(bytes);
  const pieces = outcomeOf(bytes, chunkBytes);
  expect(pieces === undefined).toBe(outcome === undefined);
  if (outcome === undefined || pieces === undefined) return;
  expect(sumsAddUp(outcome.tally)).toBe(true);
  expect(outcome.events).toHaveLength(outcome.tally.counts.events);
  expect(outcome.tally.read).toBeLessThanOrEqual(bytes.length / 20 + 2);
  expect(essence(pieces)).toEqual(essence(outcome));
}

const interesting = fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff);
const edits = fc.array(fc.record({ at: fc.nat(TRACE.length - 1), byte: fc.oneof(interesting, fc.nat(255)) }), { minLength: 1, maxLength: 8 });

test('bytes changed', () => {
  holds(
    fc.property(edits, fc.integer({ min: 1, max: 500 }), (all, chunkBytes) => {
      const bytes = Buffer.from(TRACE);
      for (const { at, byte } of all) bytes[at] = byte;
      accountsFor(bytes, chunkBytes);
    }),
    1500,
  );
});

test('words changed where lengths, ids and types stand', () => {
  const word = fc.constantFrom(0, 1, 23, 24, 25, 8191, 8192, 8193, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff);
  holds(
    fc.property(fc.array(fc.tuple(fc.nat(Math.floor(TRACE.length / 4) - 1), word), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 500 }), (all, chunkBytes) => {
      const bytes = Buffer.from(TRACE);
      for (const [at, value] of all) bytes.writeUInt32LE(value, at * 4);
      accountsFor(bytes, chunkBytes);
    }),
    1500,
  );
});

test('pieces cut out, doubled, and random bytes put in', () => {
  const wound = fc.record({ at: fc.nat(TRACE.length), cut: fc.nat(200), put: fc.uint8Array({ maxLength: 100 }) });
  holds(
    fc.property(fc.array(wound, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 500 }), (all, chunkBytes) => {
      let bytes = TRACE;
      for (const { at, cut, put } of all) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
      accountsFor(bytes, chunkBytes);
    }),
    1000,
  );
});

test('random bytes behind a header', () => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 500 }), (rest, chunkBytes) => {
      accountsFor(Buffer.concat([HEADER.subarray(0, 24), rest]), chunkBytes);
    }),
    500,
  );
});

test('a cut at every byte loses at most the record that is cut', () => {
  const whole = decodeWith(qemuSimple, TRACE.subarray(0, HEADER.length + 600));
  for (let length = HEADER.length; length < HEADER.length + 600; length++) {
    const { tally } = decodeWith(qemuSimple, TRACE.subarray(0, length));
    expect(tally.counts.rejected).toBeLessThanOrEqual(1);
    expect(tally.counts.read).toBeLessThanOrEqual(whole.tally.read);
    expect(sumsAddUp(tally)).toBe(true);
  }
});

test('lengths of 4 GiB take no memory', () => {
  const before = process.memoryUsage().arrayBuffers;
  const bytes = Buffer.concat(Array.from({ length: 200 }, () => TRACE));
  for (let at = HEADER.length; at < bytes.length - 40; at += 40) bytes.writeUInt32LE(0xffff_ffff, at);
  const outcome = outcomeOf(bytes);
  expect(outcome === undefined || sumsAddUp(outcome.tally)).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bytes.length + 16 * 1024 ** 2);
});
