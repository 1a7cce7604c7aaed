// Use case: charts and reviews as files.

import { usageError } from '../base/errors.js';
import type { Chart } from '../charts/spec.js';
import { CHART_ENDINGS, chartEnding, chartFile } from '../charts/write.js';
import { chartHtml } from '../report/chart-page.js';
import { reviewHtml } from '../report/review.js';
import { type Store, openStoreForReading } from '../store/open.js';
import { writeOutput } from './output.js';
import { reviewInputOf } from './review-input.js';
import { type Study, type StudyOptions, makeStudy, mmioChartOf, occupancyChartOf } from './study.js';

export interface ReportOptions extends StudyOptions {
  readonly db: string;
  /** Paths of the files; the ending of each says what it becomes. */
  readonly outputs: readonly string[];
}

export interface ReportResult {
  readonly files: readonly string[];
}

/** Writes the chart of MMIO doorbell writes. */
export function reportMmio(options: ReportOptions): Promise<ReportResult> {
  return withStore(options, (store) => {
    checkChartEndings(options.outputs);
    return writeChart(mmioChartOf(makeStudy(store, options)), options);
  });
}

/** Writes the chart of queue occupancy over time. */
export function reportOccupancy(options: ReportOptions): Promise<ReportResult> {
  return withStore(options, (store) => {
    checkChartEndings(options.outputs);
    return writeChart(occupancyChartOf(store, makeStudy(store, options)), options);
  });
}

/** Writes the design review: one self-contained HTML file. */
export function reportReview(options: ReportOptions): Promise<ReportResult> {
  return withStore(options, async (store) => {
    const wrong = options.outputs.find((path) => !path.toLowerCase().endsWith('.html'));
    if (wrong !== undefined) throw usageError(`-o ${wrong}: a review is written as .html`);
    const { html } = await renderReview(store, makeStudy(store, options));
    for (const path of options.outputs) await writeOutput(path, html);
    return { files: options.outputs };
  });
}

/** The review of a study, and the charts in it. */
export async function renderReview(store: Store, study: Study): Promise<{ readonly html: string; readonly charts: readonly Chart[] }> {
  const charts = [mmioChartOf(study), occupancyChartOf(store, study)];
  return { html: reviewHtml(await reviewInputOf(store, study, charts)), charts };
}

async function withStore(options: ReportOptions, work: (store: Store) => Promise<ReportResult>): Promise<ReportResult> {
  const store = openStoreForReading(options.db);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

function checkChartEndings(outputs: readonly string[]): void {
  const wrong = outputs.find((path) => chartEnding(path) === null && !path.toLowerCase().endsWith('.html'));
  if (wrong !== undefined) throw usageError(`-o ${wrong}: a chart's file ends in ${CHART_ENDINGS.join(', ')} or .html`);
}

async function writeChart(chart: Chart, { outputs, toolVersion }: ReportOptions): Promise<ReportResult> {
  for (const path of outputs) {
    const ending = chartEnding(path);
    await writeOutput(path, ending === null ? await chartHtml(chart, toolVersion) : await chartFile(chart, ending));
  }
  return { files: outputs };
}
