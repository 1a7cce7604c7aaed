// The record of the predictions is public: accuracy.json is committed, docs/accuracy.md shows it, and these tests fail when a
// prediction changes without the record being renewed, or gets worse. Renew it with
//
//     npm run accuracy

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp.js';
import { type AccuracyRow, FOLDERS, TRACES, type Truth, accuracyRows, intervalScore, readTruths } from './accuracy.js';
import { accuracyTables, coverage, meanAbsoluteError, meanScore, withTables } from './table.js';

const RECORD = join(import.meta.dirname, 'accuracy.json');
const DOCUMENT = join(import.meta.dirname, '../../docs/accuracy.md');
/** How much worse the mean absolute error may get when the record is renewed, as a saved fraction; the coverage; and the interval score, which wide intervals raise. */
const TOLERATED = { error: 0.003, coverage: 0.05, score: 0.02 };

interface AccuracyRecord {
  readonly truths: readonly Truth[];
  readonly rows: readonly AccuracyRow[];
}

function readRecord(): AccuracyRecord {
  return JSON.parse(readFileSync(RECORD, 'utf8'), (_, value: unknown) => (value === null ? NaN : value)) as AccuracyRecord;
}

it('docs/accuracy.md shows the record', () => {
  const { rows, truths } = readRecord();
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toBe(withTables(document, accuracyTables(rows, truths)));
});

it('an interval score is the width, and twenty times what a capture is outside by', () => {
  expect(intervalScore(0.25, 0.75, 0.5)).toBe(0.5);
  expect(intervalScore(0.25, 0.75, 0.125)).toBe(0.5 + 20 * 0.125);
  expect(intervalScore(0.25, 0.75, 1)).toBe(0.5 + 20 * 0.25);
});

describe.each(FOLDERS)('the record of %s', (folder) => {
  it('is better than the best predictor without a model', () => {
    const { rows, truths } = readRecord();
    const own = rows.filter((row) => row.folder === folder);
    const ownTruths = truths.filter((truth) => truth.folder === folder);
    const names = Object.keys(own.find(({ predicts }) => predicts === 'on')!.baselines);
    const best = Math.min(...names.map((name) => meanAbsoluteError(own, ownTruths, ({ baselines }) => baselines[name]!)));
    expect(meanAbsoluteError(own, ownTruths, ({ saved }) => saved)).toBeLessThan(best);
  });
});

const present = existsSync(TRACES);

describe.skipIf(!present)(`predictions from the captures of ${TRACES}${present ? '' : ' (skipped: the folder is not there)'}`, () => {
  it('are those of the record, and did not get worse', async () => {
    const truths = readTruths(FOLDERS);
    const rows = await accuracyRows(tempFolder(), truths);
    const before = existsSync(RECORD) ? readRecord() : { truths, rows };
    if (process.env['UPDATE_ACCURACY'] !== undefined) {
      writeFileSync(RECORD, `${JSON.stringify({ truths, rows }, null, 1)}\n`);
      writeFileSync(DOCUMENT, withTables(readFileSync(DOCUMENT, 'utf8'), accuracyTables(rows, truths)));
    }
    for (const folder of FOLDERS) {
      const of = (record: AccuracyRecord): readonly [number, number, number] => {
        const [own, ownTruths] = [record.rows.filter((row) => row.folder === folder), record.truths.filter((truth) => truth.folder === folder)];
        return [meanAbsoluteError(own, ownTruths, ({ saved }) => saved), coverage(own), meanScore(own.filter(({ predicts }) => predicts === 'on'))];
      };
      const [[errorNow, coveredNow, scoreNow], [errorBefore, coveredBefore, scoreBefore]] = [of({ truths, rows }), of(before)];
      expect(errorNow, folder).toBeLessThanOrEqual(errorBefore + TOLERATED.error);
      expect(coveredNow, folder).toBeGreaterThanOrEqual(coveredBefore - TOLERATED.coverage);
      expect(scoreNow, folder).toBeLessThanOrEqual(scoreBefore + TOLERATED.score);
    }
    expect(rows).toEqual(readRecord().rows);
  }, 900_000);
});
