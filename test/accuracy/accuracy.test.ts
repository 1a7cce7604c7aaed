// The record of the predictions is public: accuracy.json is committed, the README shows it, and these tests fail when a
// prediction changes without the record being renewed, or gets worse. Renew it with
//
//     UPDATE_ACCURACY=1 npx vitest run test/accuracy

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp.js';
import { type AccuracyRow, PAIRS, accuracyRows, accuracyTable } from './accuracy.js';

const RECORD = join(import.meta.dirname, 'accuracy.json');
const README = join(import.meta.dirname, '../../README.md');
/** How much worse a prediction may get when the record is renewed, as a saved fraction. */
const TOLERATED = 0.005;

function readRecord(): AccuracyRow[] {
  return JSON.parse(readFileSync(RECORD, 'utf8')) as AccuracyRow[];
}

it('the README shows the recorded accuracy', () => {
  expect(readFileSync(README, 'utf8')).toContain(accuracyTable(readRecord()));
});

function error(row: AccuracyRow): number {
  return Math.abs(row.predicted - row.captured);
}

const present = existsSync(PAIRS);

describe.skipIf(!present)(`predictions from the captures of ${PAIRS}${present ? '' : ' (skipped: the folder is not there)'}`, () => {
  it('are those of the record, and none got worse', async () => {
    const rows = await accuracyRows(tempFolder());
    const before = existsSync(RECORD) ? readRecord() : rows;
    if (process.env['UPDATE_ACCURACY'] !== undefined) writeFileSync(RECORD, `${JSON.stringify(rows, null, 2)}\n`);
    const worse = rows.filter((row, i) => error(row) > error(before[i]!) + TOLERATED).map(({ workload, run }) => `${workload}-${run}`);
    expect(worse).toEqual([]);
    expect(rows).toEqual(readRecord());
  }, 600_000);
});
