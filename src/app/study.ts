// A study: one what-if on one trace with all that charts and reviews show of it.

import type { Store } from '../store/open.js';
import { type TraceRow } from '../store/queries.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';
import type { Overview } from './analysis.js';
import { type Comparison, compareWith } from './comparison.js';
import { type ReplayOptions, type RunParameters, parametersOf, replayTrace, runKey } from './replay.js';
import type { RunSeries } from './series.js';
import { type StudyRecord, capturedSeries, storedRecord, studyRecord } from './study-record.js';
import { type Replayable, overviewOf, readReplayable, traceNamed } from './subject.js';

export interface StudyOptions extends Omit<ReplayOptions, 'db'>, ConfigurationNames {
  /** Names of captures made under the predicted configuration, if there are any. */
  readonly against: readonly string[];
}

export interface Study {
  readonly trace: TraceRow;
  readonly overview: Overview;
  readonly options: StudyOptions;
  readonly parameters: RunParameters;
  readonly record: StudyRecord;
  readonly comparison: Comparison | undefined;
  /** The tables of the first capture that is compared with. */
  readonly captured: RunSeries | undefined;
  /** What was replayed; undefined where a stored run made that needless. */
  readonly replayable: Replayable | undefined;
}

/** Makes a study. A run with the same parameters that the store has already is not replayed again. */
export function makeStudy(store: Store, options: StudyOptions): Study {
  const trace = traceNamed(store, options.trace);
  const parameters = parametersOf(trace, options);
  const stored = storedRecord(store, runKey(parameters));
  const replayable = stored === undefined ? readReplayable(store, options.trace) : undefined;
  const record = stored ?? studyRecord(store, replayable!, configurationOf(options), replayTrace(replayable!, options).result);
  const { baseline, predicted } = record.result;
  const comparison = options.against.length === 0 ? undefined : compareWith(store, options.against, { shadow: options.shadow, baseline: baseline.mmio, predicted });
  const captured = comparison === undefined ? undefined : capturedSeries(store, comparison.traces[0]!);
  return { trace, overview: overviewOf(store, trace), options, parameters, record, comparison, captured, replayable };
}
