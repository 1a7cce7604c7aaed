import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_KEPT_REJECTS, MAX_NAMES, MAX_REJECT_TEXT, Tally } from '../../src/trace/tally.js';
import { holds } from '../support/property.js';

test('every record read is an event, ignored, unknown or rejected', () => {
  const end = fc.constantFrom('event', 'ignore', 'unknown', 'reject');
  const name = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__');
  holds(
    fc.property(fc.array(fc.tuple(end, name)), (records) => {
      const tally = new Tally();
      for (const [place, [what, label]] of records.entries()) {
        tally.read += 1;
        if (what === 'event') tally.events += 1;
        else if (what === 'ignore') tally.ignore(label);
        else if (what === 'unknown') tally.unknown(label);
        else tally.reject(place, label, 'text');
      }
      const { read, events, ignored, unknown, rejected, lost } = tally.counts;
      expect(events + ignored + unknown + rejected).toBe(read);
      expect(lost).toBe(0);
      for (const [counts, what] of [[tally.ignoredNames, 'ignore'], [tally.unknownNames, 'unknown'], [tally.rejectReasons, 'reject']] as const) {
        for (const label of ['a', 'b', 'c', 'constructor', '__proto__']) {
          expect(counts.get(label) ?? 0).toBe(records.filter(([w, l]) => w === what && l === label).length);
        }
      }
      expect(tally.rejects.map(({ place }) => place)).toEqual([...records.keys()].filter((i) => records[i]![0] === 'reject'));
    }),
  );
});

test('names come in their order', () => {
  const tally = new Tally();
  for (const name of ['b', 'a', 'b', 'c', 'a', 'b']) tally.ignore(name);
  expect([...tally.ignoredNames]).toEqual([['a', 2], ['b', 3], ['c', 1]]);
});

test('an adversarial source cannot make the tables grow: names beyond the limit are counted as one', () => {
  const tally = new Tally();
  const extra = 500;
  for (let i = 0; i < MAX_NAMES + extra; i++) tally.unknown(`name ${i}`);
  tally.unknown('name 0');
  expect(tally.unknownNames.size).toBe(MAX_NAMES + 1);
  expect(tally.unknownNames.get('(further names)')).toBe(extra);
  expect(tally.unknownNames.get('name 0')).toBe(2);
  expect(tally.counts.unknown).toBe(MAX_NAMES + extra + 1);
});

test('rejects beyond the limit are only counted, and a kept one holds the start of its record', () => {
  const tally = new Tally();
  const extra = 7;
  for (let i = 0; i < MAX_KEPT_REJECTS + extra; i++) tally.reject(i, 'too long', 'x'.repeat(MAX_REJECT_TEXT + 1));
  expect(tally.rejects.length).toBe(MAX_KEPT_REJECTS);
  expect(tally.rejects.at(-1)).toEqual({ place: MAX_KEPT_REJECTS - 1, reason: 'too long', text: 'x'.repeat(MAX_REJECT_TEXT) });
  expect(tally.counts.rejected).toBe(MAX_KEPT_REJECTS + extra);
});
