// The fixtures of QEMU's other backends, each against the expectation beside it, and against itself read in other ways.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { FIXTURES, countKinds, decode, essence, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

const FORMATS = ['qemu-simple', 'qemu-syslog', 'qemu-stap', 'qemu-simpletrace-text', 'lttng-text'];
const CASES = FORMATS.flatMap((format) =>
  readdirSync(`${FIXTURES}${format}`)
    .filter((file) => !file.endsWith('.expect.json'))
    .map((file) => [`${format}/${file}`, format, file] as const),
);

test('every format has a fixture', () => {
  expect(new Set(CASES.map(([, format]) => format))).toEqual(new Set(FORMATS));
});

describe.each(CASES)('%s', (_, folder, file) => {
  const path = `${FIXTURES}${folder}/${file}`;
  const bytes = fixtureBytes(folder, file);
  const expectation = `${FIXTURES}${folder}/${file.split('.')[0]}.expect.json`;

  test('gives what is expected', async () => {
    const { events, tally, summary, format, detection } = await decode(await openSource(path));
    const times = events.map((event) => event.timeNs).filter((timeNs) => !Number.isNaN(timeNs));
    expect(format.id).toBe(folder);
    expect(detection?.confidence).toBeGreaterThan(0.5);
    expect(existsSync(expectation)).toBe(true);
    expect({
      constructed: !file.endsWith('.gz'),
      clock: summary.clock,
      originNs: String(summary.originNs),
      firstNs: times.reduce((a, b) => Math.min(a, b)),
      lastNs: times.reduce((a, b) => Math.max(a, b)),
      records: tally.counts,
      events: countKinds(events),
      controllers: new Set(events.map(({ controller }) => controller)).size,
      ignored: Object.fromEntries(tally.ignoredNames),
      unknown: Object.fromEntries(tally.unknownNames),
      rejected: Object.fromEntries(tally.rejectReasons),
      dialect: summary.dialect,
    }).toEqual(JSON.parse(readFileSync(expectation, 'utf8')));
    expect(sumsAddUp(tally)).toBe(true);
  });

  test('is the same in pieces of 100 bytes, without its name, plain and compressed', async () => {
    const whole = essence(await decode(await openSource(path)));
    expect(essence(await decode(await openSource(path), { chunkBytes: 100 }))).toEqual(whole);
    expect(essence(await decode(sourceOf(bytes)))).toEqual(whole);
    expect(essence(await decode(sourceOf(gzipSync(bytes), 100)))).toEqual(whole);
    const start = bytes.subarray(0, 20_000);
    expect(essence(await decode(sourceOf(start, 1)))).toEqual(essence(await decode(sourceOf(start))));
  });
});
