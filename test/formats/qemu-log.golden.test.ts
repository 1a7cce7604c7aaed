// Each fixture against the expectation beside it, and against itself read in other ways.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { FIXTURES, countKinds, decode, essence, fixtureBytes, fixtureCases, sourceOf, sumsAddUp } from './support.js';

const FOLDER = 'qemu-log';
const CASES = fixtureCases(FOLDER);

test('there are captures and constructed cases', () => {
  expect(CASES.size).toBeGreaterThanOrEqual(7);
});

describe.each([...CASES])('%s', (name, file) => {
  const path = `${FIXTURES}${FOLDER}/${file}`;
  const bytes = fixtureBytes(FOLDER, file);
  const expected: unknown = JSON.parse(readFileSync(`${FIXTURES}${FOLDER}/${name}.expect.json`, 'utf8'));

  test('gives what is expected', async () => {
    const { events, tally, summary, format } = await decode(await openSource(path));
    const times = events.map((event) => event.timeNs).filter((timeNs) => !Number.isNaN(timeNs));
    const { read, events: kept, ignored, unknown, rejected } = tally.counts;
    expect(format.id).toBe('qemu-log');
    expect({
      constructed: !file.endsWith('.gz'),
      clock: summary.clock,
      originNs: String(summary.originNs),
      firstNs: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
      lastNs: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
      records: { read, events: kept, ignored, unknown, rejected },
      events: countKinds(events),
      ignored: Object.fromEntries(tally.ignoredNames),
      unknown: Object.fromEntries(tally.unknownNames),
      rejected: Object.fromEntries(tally.rejectReasons),
      dialect: summary.dialect,
    }).toEqual(expected);
    expect(events).toHaveLength(kept);
    expect(sumsAddUp(tally)).toBe(true);
  });

  test('keeps the order of the lines', async () => {
    const { events } = await decode(sourceOf(bytes));
    expect(events.every((event, i) => i === 0 || event.place > (events[i - 1]?.place ?? NaN))).toBe(true);
  });

  test('is the same in pieces of 100 bytes, without its name, plain and compressed', async () => {
    const whole = essence(await decode(await openSource(path)));
    expect(essence(await decode(await openSource(path), { chunkBytes: 100 }))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes)))).toEqual(whole);
    expect(essence(await decode(sourceOf(gzipSync(bytes), 100)))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes.subarray(0, 20_000), 1)))).toEqual(essence(await decode(sourceOf(bytes.subarray(0, 20_000)))));
  });

  test('is the same with CRLF', async () => {
    const crlf = Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    const { events, tally } = await decode(sourceOf(crlf));
    const plain = await decode(sourceOf(bytes));
    expect(events).toEqual(plain.events);
    expect(tally.counts).toEqual(plain.tally.counts);
  });
});
