// A study: one what-if on one trace with all that charts and reviews show of it.

import { usageError } from '../base/errors.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { Store } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import type { ConfigurationNames } from './catalogue.js';
import type { Overview } from './analysis.js';
import { type Comparison, compareWith } from './comparison.js';
import { ownOf, withStandIns } from './own/stand-in.js';
import { type ReplayOptions, type RunParameters, parametersOf, replayTrace } from './replay.js';
import type { RunSeries } from './series.js';
import { type StudyRecord, capturedSeries, storedRecords, studyRecord } from './study-record.js';
import { type Replayable, overviewOf, readReplayable, traceNamed } from './subject.js';

export interface StudyOptions extends Omit<ReplayOptions, 'db'>, ConfigurationNames {
  /** Names of captures made under the predicted configuration, if there are any. */
  readonly against: readonly string[];
  /** The part of those captures that is compared; all of them by default. */
  readonly againstWindow?: TimeWindow | undefined;
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

/**
 * Makes a study. A run with the same parameters that the store has already is not replayed again; under a policy of the user's there has to
 * be one.
 */
export async function makeStudy(store: Store, options: StudyOptions): Promise<Study> {
  const trace = traceNamed(store, options.trace);
  const stored = storedStudy(store, trace, options);
  const { parameters, record, replayable } = stored ?? (await newStudy(store, options));
  const { baseline, predicted } = record.result;
  const { shadow, against, againstWindow } = options;
  const overview = overviewOf(store, trace);
  const commands = record.facts.part?.commands ?? (againstWindow === undefined ? undefined : overview.doorbells.commands);
  const comparison = against.length === 0 ? undefined : compareWith(store, against, { shadow, baseline: baseline.mmio, predicted, commands, window: againstWindow });
  const captured = comparison === undefined ? undefined : capturedSeries(store, comparison.traces[0]!, againstWindow);
  return { trace, overview, options, parameters, record, comparison, captured, replayable };
}

type Replayed = Pick<Study, 'parameters' | 'record' | 'replayable'>;

/** The run of these options that the store has, if it has one. */
function storedStudy(store: Store, trace: TraceRow, options: StudyOptions): Replayed | undefined {
  const names = withStandIns(options);
  for (const { parameters, record } of storedRecords(store, trace.id)) {
    const asked = parametersOf(trace, names, record.facts.recordedTransport);
    if (JSON.stringify(asked) === JSON.stringify(parameters)) return { parameters: asked, record, replayable: undefined };
  }
  return undefined;
}

async function newStudy(store: Store, options: StudyOptions): Promise<Replayed> {
  const own = ownOf(options);
  if (own.length > 0) {
    throw usageError(`${options.trace}: no run under ${own.join(' and ')}, as that file is now, is stored`, [
      'Run "bellwether replay" with the same flags first: a report takes the run of a policy of your own, and loads no code of it.',
    ]);
  }
  const replayable = readReplayable(store, options.trace, options);
  const { parameters, result } = await replayTrace(replayable, options);
  return { parameters, record: studyRecord(store, replayable, options, result), replayable };
}
