// Use case: charts and reviews as files.

import { usageError } from '../base/errors.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import { reviewHtml } from '../report/review.js';
import { type Store, openStoreForReading } from '../store/open.js';
import { accuracyChartOf } from './accuracy-chart.js';
import { writeOutput } from './output.js';
import { type PictureOptions, imagesOf, made, writeCharts } from './picture.js';
import { reviewInputOf } from './review-input.js';
import { type SweepChartOptions, storedSweepChart, sweepChartOf } from './sweep/sweep-chart.js';
import type { Winner } from './sweep/winners.js';
import { type Study, type StudyOptions, makeStudy } from './study.js';
import { latencyChartOf, mmioChartOf, occupancyChartOf, ratesChartOf, ringsChartOf, savedChartOf, type StudyChart } from './study-charts.js';
import { type TimelineOptions, recordedTimelineOf, timelineChartOf } from './timeline.js';

export interface ReportOptions extends StudyOptions, PictureOptions {
  readonly db: string;
}

export interface ReportResult {
  readonly files: readonly string[];
}

const STUDY_CHARTS = {
  mmio: mmioChartOf,
  saved: savedChartOf,
  rings: ringsChartOf,
  'mmio-over-time': ratesChartOf,
  occupancy: occupancyChartOf,
  latency: latencyChartOf,
} as const satisfies Readonly<Record<string, StudyChart>>;
export type StudyChartName = keyof typeof STUDY_CHARTS;

/** Writes one chart of a what-if. */
export function reportChart(name: StudyChartName, options: ReportOptions): Promise<ReportResult> {
  return draw(options, async (store, picture) => STUDY_CHARTS[name](await makeStudy(store, options), picture));
}

/** Writes the timeline of a short window of a trace. */
export function reportTimeline(options: TimelineOptions & PictureOptions & { readonly db: string }): Promise<ReportResult> {
  return draw(options, (store, picture) => timelineChartOf(store, options, picture));
}

/** Writes the chart of predictions from several traces, each against the same captures. */
export function reportAccuracy(options: Omit<ReportOptions, 'trace' | 'shadow'> & { readonly traces: readonly string[] }): Promise<ReportResult> {
  return draw(options, (store, picture) => accuracyChartOf(store, options, picture));
}

export interface SweepReportResult extends ReportResult {
  readonly winners: readonly Winner[];
}

/** Writes the chart of the stored cells of sweeps. */
export function reportSweep(options: SweepChartOptions & PictureOptions & { readonly db: string }): Promise<SweepReportResult> {
  const picture = imagesOf(options);
  return withStore(options.db, async (store) => {
    const { chart, winners } = sweepChartOf(store, options, picture);
    return { files: await writeCharts([chart], chart.title, options), winners };
  });
}

/** Writes the design review: one self-contained HTML file. */
export function reportReview(options: ReportOptions): Promise<ReportResult> {
  return withStore(options.db, async (store) => {
    const wrong = options.outputs.find((path) => !path.toLowerCase().endsWith('.html'));
    if (wrong !== undefined) throw usageError(`-o ${wrong}: a review is written as .html`);
    const { html } = await renderReview(store, await makeStudy(store, options));
    for (const path of options.outputs) await writeOutput(path, html);
    return { files: options.outputs };
  });
}

/** The review of a study, and the charts in it. */
export async function renderReview(store: Store, study: Study, options: { readonly alone?: boolean } = {}): Promise<{ readonly html: string; readonly charts: readonly Chart[] }> {
  const charts = [mmioChartOf, savedChartOf, ratesChartOf, ringsChartOf, latencyChartOf, occupancyChartOf].flatMap((make) => made(() => make(study)));
  const first = study.comparison?.traces[0];
  const timelines = [
    ...made(() => recordedTimelineOf(store, study.trace, 'timeline')),
    ...(first === undefined ? [] : made(() => recordedTimelineOf(store, first, 'timeline-captured'))),
  ];
  const sweep = options.alone === true ? [] : made(() => storedSweepChart(store, study.trace.name, study.options.toolVersion, study.options.window));
  const all = [...charts, ...sweep, ...timelines];
  return { html: reviewHtml(await reviewInputOf(store, study, all, options)), charts: all };
}

/** Renders a chart into every file that is asked for. */
async function draw(options: PictureOptions & { readonly db: string }, make: (store: Store, picture: ChartOptions) => Chart | Promise<Chart>): Promise<ReportResult> {
  const picture = imagesOf(options);
  return withStore(options.db, async (store) => {
    const chart = await make(store, picture);
    return { files: await writeCharts([chart], chart.title, options) };
  });
}

async function withStore<T>(db: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStoreForReading(db);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
