// Each fixture against the expectation beside it, and against itself read in other ways.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { traceDat } from '../../src/formats/trace-dat/trace-dat.js';
import { openSource } from '../../src/formats/source.js';
import { FIXTURES, countKinds, decode, decodeWith, essence, fixtureBytes, fixtureCases, sourceOf, sumsAddUp } from './support.js';

const FOLDER = 'trace-dat';
const CASES = fixtureCases(FOLDER);

test('there are captures of both versions, with and without compression', () => {
  expect(CASES.size).toBeGreaterThanOrEqual(4);
});

describe.each([...CASES])('%s', (name, file) => {
  const path = `${FIXTURES}${FOLDER}/${file}`;
  const bytes = fixtureBytes(FOLDER, file);
  const expected: unknown = JSON.parse(readFileSync(`${FIXTURES}${FOLDER}/${name}.expect.json`, 'utf8'));

  test('gives what is expected', async () => {
    const { events, tally, summary, format } = await decode(await openSource(path));
    const { read, events: kept, ignored, unknown, rejected, lost } = tally.counts;
    expect(format.id).toBe('trace-dat');
    expect({
      clock: summary.clock,
      originNs: String(summary.originNs),
      lastNs: events.at(-1)?.timeNs,
      records: { read, events: kept, ignored, unknown, rejected, lost },
      events: countKinds(events),
      ignored: Object.fromEntries(tally.ignoredNames),
      unknown: Object.fromEntries(tally.unknownNames),
      dialect: summary.dialect,
    }).toEqual(expected);
    // One write to a register may say two things.
    expect(events.length).toBeGreaterThanOrEqual(kept);
    expect(sumsAddUp(tally)).toBe(true);
  });

  test('is in the order of the time stamps', async () => {
    const { events } = await decode(sourceOf(bytes));
    expect(events.every((event, i) => i === 0 || event.timeNs >= (events[i - 1]?.timeNs ?? NaN))).toBe(true);
  });

  test('is the same in pieces of 100 bytes, without its name, plain and compressed, and pushed', async () => {
    const whole = essence(await decode(await openSource(path)));
    expect(essence(await decode(await openSource(path), { chunkBytes: 100 }))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes, 100)))).toEqual(whole);
    expect(essence(await decode(sourceOf(gzipSync(bytes), 100)))).toEqual(whole);
    expect(essence(decodeWith(traceDat, bytes, 1000))).toEqual(whole);
  });
});
