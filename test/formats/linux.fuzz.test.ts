// Damaged ftrace and perf script text: nothing throws, and every line still ends in exactly one way.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TraceFormat } from '../../src/formats/format.js';
import { ftrace } from '../../src/formats/linux/ftrace.js';
import { perfScript } from '../../src/formats/linux/perf-script.js';
import { detectFormat } from '../../src/formats/registry.js';
import { holds } from '../support/property.js';
import { decodeWith, essence, fixtureBytes, fixtureCases, sumsAddUp } from './support.js';

function linesOf(folder: string): string[] {
  return [...fixtureCases(folder).values()].flatMap((file) => fixtureBytes(folder, file).toString('latin1').split('\n').slice(0, 1300));
}

const FORMATS: readonly (readonly [string, TraceFormat, readonly string[]])[] = [
  ['ftrace', ftrace, linesOf('ftrace')],
  ['perf-script', perfScript, linesOf('perf-script')],
];

const wounds = fc.array(
  fc.record({
    at: fc.nat(3000),
    cut: fc.nat({ max: 90 }),
    put: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.stringMatching(/^[0-9a-f=x :.,[\]()-]{0,30}$/).map((text) => Buffer.from(text))),
  }),
  { maxLength: 6 },
);

function lineCount(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 10).length + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
}

test.each(FORMATS)('%s: wounded real lines are counted once, however the bytes are cut', (_, format, real) => {
  const run = fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 1, max: 20 })).map(([from, count]) => real.slice(from, from + count).join('\n'));
  holds(
    fc.property(run, wounds, fc.integer({ min: 1, max: 200 }), (text, all, chunkBytes) => {
      let bytes = Buffer.from(text, 'latin1');
      for (const { at, cut, put } of all) {
        const place = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
      }
      const outcome = decodeWith(format, bytes);
      expect(sumsAddUp(outcome.tally)).toBe(true);
      expect(outcome.tally.read).toBe(lineCount(bytes));
      expect(outcome.events.length).toBeGreaterThanOrEqual(outcome.tally.counts.events);
      for (const event of outcome.events) {
        for (const n of [event.value, event.extra, event.timeNs]) expect(Number.isNaN(n) || Number.isSafeInteger(n)).toBe(true);
        expect(event.queue).toBeGreaterThanOrEqual(-1);
        expect(event.queue).toBeLessThanOrEqual(0xffff);
      }
      expect(essence(decodeWith(format, bytes, chunkBytes))).toEqual(essence(outcome));
    }),
    500,
  );
});

test.each(FORMATS)('%s: random bytes are counted once, and nobody takes them for it', (id, format) => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const { tally } = decodeWith(format, bytes);
      expect(sumsAddUp(tally)).toBe(true);
      expect(tally.read).toBe(lineCount(bytes));
      expect(detectFormat(bytes)?.format.id).not.toBe(id);
    }),
    500,
  );
});

test('a cut at every byte of a trace loses at most the line that is cut', () => {
  const whole = fixtureBytes('ftrace', 'guest-rebind.trace.gz').subarray(0, 3000);
  for (let length = 1; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    const { tally } = decodeWith(ftrace, cut);
    expect(sumsAddUp(tally)).toBe(true);
    expect(tally.counts.rejected).toBeLessThanOrEqual(1);
    expect(tally.rejects.every(({ place }) => place === lineCount(cut))).toBe(true);
  }
});
