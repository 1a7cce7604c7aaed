// Each fixture of the Linux text formats against the expectation beside it, and against itself read in other ways.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { FIXTURES, countKinds, decode, essence, fixtureBytes, fixtureCases, sourceOf, sumsAddUp } from './support.js';

const CASES = ['ftrace', 'perf-script'].flatMap((folder) => [...fixtureCases(folder)].map(([name, file]) => ({ folder, name, file })));

test('there are captures and constructed cases', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(11);
});

describe.each(CASES)('$folder/$name', ({ folder, name, file }) => {
  const path = `${FIXTURES}${folder}/${file}`;
  const bytes = fixtureBytes(folder, file);

  test('gives what is expected', async () => {
    const expected: unknown = JSON.parse(readFileSync(`${FIXTURES}${folder}/${name}.expect.json`, 'utf8'));
    const { events, tally, summary, format } = await decode(await openSource(path));
    const times = events.map((event) => event.timeNs).filter((timeNs) => !Number.isNaN(timeNs));
    expect(format.id).toBe(folder);
    expect({
      constructed: !file.endsWith('.gz'),
      clock: summary.clock,
      originNs: String(summary.originNs),
      firstNs: times.reduce((a, b) => Math.min(a, b)),
      lastNs: times.reduce((a, b) => Math.max(a, b)),
      records: tally.counts,
      events: countKinds(events),
      ignored: Object.fromEntries(tally.ignoredNames),
      unknown: Object.fromEntries(tally.unknownNames),
      rejected: Object.fromEntries(tally.rejectReasons),
      dialect: summary.dialect,
    }).toEqual(expected);
    expect(sumsAddUp(tally)).toBe(true);
    // A record can say two things: a command that creates a queue is set up.
    expect(new Set(events.map((event) => event.place)).size).toBe(tally.counts.events);
  });

  test('keeps the order of the lines', async () => {
    const { events } = await decode(sourceOf(bytes));
    expect(events.every((event, i) => i === 0 || event.place >= (events[i - 1]?.place ?? NaN))).toBe(true);
  });

  test('is the same in pieces of 100 bytes, without its name, plain and compressed', async () => {
    const whole = essence(await decode(await openSource(path)));
    expect(essence(await decode(await openSource(path), { chunkBytes: 100 }))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes)))).toEqual(whole);
    expect(essence(await decode(sourceOf(gzipSync(bytes), 100)))).toEqual(whole);
  });

  test('is the same with CRLF', async () => {
    const crlf = Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    const { events, tally } = await decode(sourceOf(crlf));
    const plain = await decode(sourceOf(bytes));
    expect(events).toEqual(plain.events);
    expect(tally.counts).toEqual(plain.tally.counts);
  });

  test('is recognised from a torn first line on', async () => {
    const { format, tally } = await decode(sourceOf(bytes.subarray(40)));
    expect(format.id).toBe(folder);
    expect(sumsAddUp(tally)).toBe(true);
  });
});
