import { expect, test } from 'vitest';
import { ExitBook } from '../../src/history/exits.js';
import type { ExitReport } from '../../src/history/exits.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { BARE } from '../store/support.js';

function book(events: readonly PlainEvent[]): ExitReport | undefined {
  const exits = new ExitBook();
  writeEvents(events, (batch) => {
    for (let row = 0; row < batch.length; row++) exits.push(batch, row);
  }, 7);
  return exits.result();
}

const exit = (thread: number, timeNs: number, value: number): PlainEvent => ({ ...BARE, kind: KIND['vm.exit'], thread, timeNs, value });
const entry = (thread: number, timeNs: number): PlainEvent => ({ ...BARE, kind: KIND['vm.entry'], thread, timeNs });
const doorbell = (thread: number, queue: number, side: number): PlainEvent => ({ ...BARE, kind: KIND['doorbell.mmio'], thread, queue, side });

test('exits are paired by thread and summed by reason and by the doorbell that they were for', () => {
  const report = book([
    entry(1, 5),
    exit(1, 10, 48),
    exit(2, 20, 12),
    doorbell(1, 3, SIDE_SQ),
    entry(1, 110),
    entry(2, 1020),
    exit(1, 2000, 48),
    doorbell(1, 3, SIDE_CQ),
    entry(1, 2030),
    exit(1, 3000, 48),
    doorbell(1, 0, SIDE_SQ),
    entry(1, 3001),
  ]);
  expect(report).toEqual({
    all: { exits: 4, totalNs: 100 + 1000 + 30 + 1 },
    byReason: [
      { reason: 12, exits: 1, totalNs: 1000 },
      { reason: 48, exits: 3, totalNs: 100 + 30 + 1 },
    ],
    doorbells: { sq: { exits: 1, totalNs: 100 }, cq: { exits: 1, totalNs: 30 } },
    unpaired: 0,
  });
});

test('an exit without an entry is counted as unpaired, once', () => {
  const report = book([exit(1, 10, 1), exit(1, 20, 1), entry(1, 25), exit(2, 30, 1)]);
  expect(report).toMatchObject({ all: { exits: 1, totalNs: 5 }, unpaired: 2 });
});

test('a trace without exits has no report', () => {
  expect(book([entry(1, 5), doorbell(1, 1, SIDE_SQ)])).toBeUndefined();
});
