// Predictions against captures: each recording with shadow doorbells off, replayed with them on, beside what the
// captures of the same workload with shadow doorbells on showed. Nothing of the latter goes into the prediction.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingest } from '../../src/app/ingest.js';
import { replayTrace } from '../../src/app/replay.js';
import { readReplayable } from '../../src/app/subject.js';
import { openStoreForReading } from '../../src/store/open.js';

export const PAIRS = join(import.meta.dirname, '../../../shared/traces/pairs');
const RUNS = ['1', '2', '3'];
const REPEAT = 9;

/** One prediction beside the captures of its workload. Fractions are rounded to 4 digits. */
export interface AccuracyRow {
  readonly workload: string;
  readonly run: string;
  /** Predicted saved fraction with its 90 % interval. */
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Saved fraction over all pairs of an off and an on capture: mean, smallest, largest. */
  readonly captured: number;
  readonly capturedLow: number;
  readonly capturedHigh: number;
  readonly selfCheck: boolean;
  /** The simplest predictor: twice the submissions that found the device idle. */
  readonly idleWakes: number;
}

/** Predicts every recording of the folder; takes about a minute. */
export async function accuracyRows(folder: string): Promise<AccuracyRow[]> {
  const truth = readTruth();
  const rows: AccuracyRow[] = [];
  for (const [workload, captured] of truth) {
    for (const run of RUNS) {
      const name = `${workload}-off-${run}`;
      const db = join(folder, `${name}.db`);
      await ingest({ paths: [join(PAIRS, `${name}.qemu.log.gz`)], db, toolVersion: 'test' });
      rows.push({ workload, run, ...predict(db, name), ...captured });
    }
  }
  return rows;
}

function predict(db: string, trace: string): Pick<AccuracyRow, 'predicted' | 'low' | 'high' | 'selfCheck' | 'idleWakes'> {
  const store = openStoreForReading(db);
  try {
    const { result } = replayTrace(readReplayable(store, trace), { shadow: true, seed: 1, repeat: REPEAT, toolVersion: 'test' });
    const { fraction, low, high } = result.predicted.saved;
    return {
      predicted: rounded(fraction),
      low: rounded(low),
      high: rounded(high),
      selfCheck: result.selfCheck.passed,
      idleWakes: rounded(result.baselines['twice the idle wakes']!),
    };
  } finally {
    store.close();
  }
}

type Captured = Pick<AccuracyRow, 'captured' | 'capturedLow' | 'capturedHigh'>;

/** The saved fraction of every pair of captures, by workload. */
function readTruth(): Map<string, Captured> {
  const totals = new Map<string, { off: number[]; on: number[] }>();
  const [, ...lines] = readFileSync(join(PAIRS, 'ground-truth.tsv'), 'utf8').trim().split('\n');
  for (const line of lines) {
    const [workload, shadow, , , , , total] = line.split('\t');
    const own = totals.get(workload!) ?? { off: [], on: [] };
    own[shadow === 'on' ? 'on' : 'off'].push(Number(total));
    totals.set(workload!, own);
  }
  return new Map([...totals].map(([workload, { off, on }]) => [workload, spread(off.flatMap((a) => on.map((b) => 1 - b / a)))]));
}

function spread(fractions: readonly number[]): Captured {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  return {
    captured: rounded(sum / fractions.length),
    capturedLow: rounded(Math.min(...fractions)),
    capturedHigh: rounded(Math.max(...fractions)),
  };
}

function rounded(fraction: number): number {
  return Math.round(fraction * 10_000) / 10_000;
}

/** Mean over the workloads of |mean prediction of its recordings - mean capture|. */
export function meanAbsoluteError(rows: readonly AccuracyRow[], of: 'predicted' | 'idleWakes'): number {
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  const errors = workloads.map((workload) => {
    const own = rows.filter((row) => row.workload === workload);
    const mean = own.reduce((sum, row) => sum + row[of], 0) / own.length;
    return Math.abs(mean - own[0]!.captured);
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function digits(value: number): string {
  return value.toFixed(3);
}

/** The README's table. */
export function accuracyTable(rows: readonly AccuracyRow[]): string {
  const range = (low: number, high: number): string => `${digits(low)} .. ${digits(high)}`;
  const lines = rows.map((row) =>
    [
      '',
      `${row.workload}, run ${row.run}`,
      `${digits(row.predicted)} (${range(row.low, row.high)})`,
      `${digits(row.captured)} (${range(row.capturedLow, row.capturedHigh)})`,
      `${row.predicted >= row.captured ? '+' : '-'}${digits(Math.abs(row.predicted - row.captured))}`,
      row.selfCheck ? 'passed' : 'failed',
      digits(row.idleWakes),
      '',
    ].join(' | ').trim(),
  );
  return [
    '| recording | predicted saved fraction (90 % of the runs) | captured mean (range) | error | self-check | twice the idle wakes |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    `Mean absolute error over the workloads: ${digits(meanAbsoluteError(rows, 'predicted'))}; of the simple predictor: ${digits(meanAbsoluteError(rows, 'idleWakes'))}.`,
  ].join('\n');
}
