// One run of QEMU 7.2, written by two backends at once: the binary trace against the log, event by event.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ensure } from '../../src/base/assert.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { EVENT_NAME, FILE_HEADER, qemuSimple } from '../../src/formats/qemu/simple.js';
import type { PlainEvent } from '../support/events.js';
import { SHARED_TRACES, decodeWith } from './support.js';

const FOLDER = `${SHARED_TRACES}simple/`;
const present = existsSync(FOLDER);

function captured(file: string): Buffer {
  return gunzipSync(readFileSync(FOLDER + file));
}

/** What both backends tell of an event. Not: time (other clocks), thread (the binary trace has none), place (line or byte). */
function told(event: PlainEvent): unknown {
  return { ...event, timeNs: NaN, thread: NaN, place: NaN };
}

test.skipIf(!present)(present ? 'the same events in the same order' : 'skipped: not present: ../shared/traces/simple', () => {
  const simple = decodeWith(qemuSimple, captured('randread32-on.simple.gz'));
  const log = decodeWith(qemuLog, captured('randread32-on.qemu.log.gz'));

  expect(simple.events.length).toBeGreaterThan(38_000);
  expect(simple.events.map(told)).toEqual(log.events.map(told));

  // The binary trace also holds a header and the name of every event of the build; all other records are the lines of the log.
  const ignored = new Map(simple.tally.ignoredNames);
  const beside = ensure(ignored.get(FILE_HEADER), 'header') + ensure(ignored.get(EVENT_NAME), 'names');
  ignored.delete(FILE_HEADER);
  ignored.delete(EVENT_NAME);
  expect(ignored).toEqual(log.tally.ignoredNames);
  expect(simple.tally.read - beside).toBe(log.tally.read);
  expect(simple.tally.counts.rejected + simple.tally.counts.unknown + simple.tally.lost).toBe(0);
  expect(simple.summary.dialect).toBe(`${log.summary.dialect}, version 4`);

  // Two clocks of one host: they drift apart by less than a millisecond over the seven seconds.
  const apartNs = simple.events.map(({ timeNs }, i) => Math.abs(timeNs - ensure(log.events[i], 'event').timeNs));
  expect(apartNs.reduce((a, b) => Math.max(a, b))).toBeLessThan(1_000_000);
});
