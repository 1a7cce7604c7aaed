// Predictions from several traces beside what captures of the other configuration showed.

import { usageError } from '../base/errors.js';
import { accuracyChart, type AccuracyRow } from '../charts/accuracy.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import type { Store } from '../store/open.js';
import { overviewOf, traceNamed } from './subject.js';
import { type StudyOptions, makeStudy } from './study.js';

/** The chart of accuracy: each trace is replayed with shadow doorbells the other way, and compared with all captures. */
export async function accuracyChartOf(store: Store, options: Omit<StudyOptions, 'trace' | 'shadow'> & { readonly traces: readonly string[] }, picture: ChartOptions): Promise<Chart> {
  if (options.against.length === 0) throw usageError('--against: name at least one capture to compare with');
  const rows: AccuracyRow[] = [];
  for (const name of options.traces) {
    const trace = traceNamed(store, name);
    const shadow = !overviewOf(store, trace).doorbells.controllers.some((controller) => controller.shadow);
    const { record, comparison } = await makeStudy(store, { ...options, trace: trace.name, shadow });
    const { fraction, low, high } = record.result.predicted.saved;
    const { mean, low: capturedLow, high: capturedHigh } = comparison!.saved;
    rows.push({ label: trace.name, predicted: fraction, low, high, captured: mean, capturedLow, capturedHigh });
  }
  return accuracyChart(rows, { ...picture, subtitle: `Captured: ${options.against.join(', ')}.` });
}
