// Predictions from captures that were made when the model was finished, of workloads that it wasn't built with. What they show is
// printed in docs/accuracy.md, good or bad; UPDATE_ACCURACY=1 renews it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp.js';
import { HELD_OUT, accuracyRows, readTruths } from './accuracy.js';
import { accuracyTables, withTables } from './table.js';

const DOCUMENT = join(import.meta.dirname, '../../docs/accuracy.md');

test('docs/accuracy.md shows what is predicted from the held-out captures', async () => {
  const truths = readTruths(HELD_OUT);
  const rows = await accuracyRows(tempFolder(), truths);
  expect(rows.map(({ workload }) => workload)).toEqual(truths.map(({ workload }) => workload));
  const document = readFileSync(DOCUMENT, 'utf8');
  const renewed = withTables(document, accuracyTables(rows, truths));
  if (process.env['UPDATE_ACCURACY'] !== undefined) writeFileSync(DOCUMENT, renewed);
  else expect(document).toBe(renewed);
}, 300_000);
