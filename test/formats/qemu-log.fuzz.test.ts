// Damaged input: nothing throws, and every record still ends in exactly one way.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { detectFormat } from '../../src/formats/registry.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { holds } from '../support/property.js';
import { decodeWith, essence, fixtureBytes, sumsAddUp } from './support.js';

const REAL = ['randread32-on-1.qemu.log.gz', 'qemu7.2-all-events-no-timestamps.qemu.log.gz', 'among-other-output.log', 'prefixes.log'].flatMap((file) =>
  fixtureBytes('qemu-log', file).toString('latin1').split('\n').slice(0, 4000),
);

/** A run of real lines. */
const realLines = fc.tuple(fc.nat(REAL.length - 1), fc.integer({ min: 1, max: 20 })).map(([from, count]) => REAL.slice(from, from + count).join('\n'));

interface Wound {
  readonly at: number;
  readonly cut: number;
  readonly put: Uint8Array;
}
const wounds = fc.array(
  fc.record({ at: fc.nat(2000), cut: fc.nat({ max: 90 }), put: fc.uint8Array({ maxLength: 20 }) }),
  { maxLength: 5 },
);

/** Cuts bytes out of a text and puts others in their place. */
function wounded(text: string, all: readonly Wound[]): Buffer {
  let bytes = Buffer.from(text, 'latin1');
  for (const { at, cut, put } of all) {
    const place = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
  }
  return bytes;
}

/** Lines as the scanner counts them: an LF ends one, and what is left behind the last LF is one. */
function lineCount(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 10).length + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
}

/** Names of device events that aren't the first on their line: a cut that takes a newline away leaves two records on one. */
function secondNames(bytes: Buffer): number {
  return bytes.toString('latin1').split('\n').reduce((sum, line) => sum + Math.max(0, line.split('pci_nvme_').length - 2), 0);
}

test('wounded real lines: every line is counted once, or each of the records glued on it, however the bytes are cut', () => {
  holds(
    fc.property(realLines, wounds, fc.integer({ min: 1, max: 200 }), (text, all, chunkBytes) => {
      const bytes = wounded(text, all);
      const outcome = decodeWith(qemuLog, bytes);
      expect(sumsAddUp(outcome.tally)).toBe(true);
      expect(outcome.tally.read).toBeGreaterThanOrEqual(lineCount(bytes));
      expect(outcome.tally.read).toBeLessThanOrEqual(lineCount(bytes) + secondNames(bytes));
      expect(outcome.events).toHaveLength(outcome.tally.counts.events);
      expect(essence(decodeWith(qemuLog, bytes, chunkBytes))).toEqual(essence(outcome));
    }),
    2000,
  );
});

test('random bytes: every line is counted once, and detection answers', () => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const { tally } = decodeWith(qemuLog, bytes);
      expect(sumsAddUp(tally)).toBe(true);
      expect(tally.read).toBe(lineCount(bytes));
      expect(detectFormat(bytes)?.format.id).not.toBe('qemu-log');
    }),
    1000,
  );
});

test('a cut at every byte of a log loses at most the line that is cut', () => {
  const whole = fixtureBytes('qemu-log', 'randread32-on-1.qemu.log.gz').subarray(0, 3000);
  for (let length = 1; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    const { tally, events } = decodeWith(qemuLog, cut);
    const complete = lineCount(cut) - (cut.at(-1) === 10 ? 0 : 1);
    expect(tally.counts.rejected).toBeLessThanOrEqual(1);
    expect(tally.rejects.every(({ place }) => place === complete + 1)).toBe(true);
    expect(events.length + tally.counts.ignored + tally.counts.rejected).toBe(lineCount(cut));
  }
});

test('a wounded stamp or a huge number never becomes an event value that is not a whole number', () => {
  const digits = fc.stringMatching(/^[0-9]{1,400}$/);
  holds(
    fc.property(digits, digits, digits, (thread, seconds, value) => {
      const log = `${thread}@${seconds}.000000:pci_nvme_mmio_write addr 0x${value} data 0x${value} size 4\npci_nvme_mmio_doorbell_sq sqid ${value} new_tail ${seconds}\n`;
      const { events, tally } = decodeWith(qemuLog, Buffer.from(log));
      expect(sumsAddUp(tally)).toBe(true);
      for (const { value: kept, extra, queue, timeNs } of events) {
        for (const n of [kept, extra, queue, timeNs]) expect(Number.isNaN(n) || Number.isSafeInteger(n)).toBe(true);
      }
    }),
  );
});
