// What a study needs of a what-if, as it is stored with the run: charts and reviews of a stored run read it instead of
// replaying again. Plain JSON data.

import type { TraceRow } from '../store/queries.js';
import type { Store } from '../store/open.js';
import { readEvents } from '../store/reader.js';
import { type RunRow, listRuns } from '../store/runs.js';
import type { MmioTotal } from '../metrics/doorbells.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { Transport } from '../model/transport.js';
import { runOnce } from '../replay/run.js';
import type { WhatIfResult } from '../replay/what-if.js';
import { ActionLog } from '../replay/action-log.js';
import { findSteadyPart, steadyWindow } from '../replay/steady.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';
import { type ReplayedWindow, replayedWindow } from './replayed-window.js';
import { depthsOf, steadyLives } from './occupancy.js';
import { type RunSeries, seriesOf } from './series.js';
import { type Replayable, readHistory } from './subject.js';

/** Changes with the shape: a run that was stored in another one is replayed again. */
const RECORD_VERSION = 1;

export interface StudyRecord {
  readonly recordVersion: number;
  readonly result: WhatIfResult;
  readonly facts: StudyFacts;
  readonly recorded: RunSeries;
  /** Of the run that the prediction's numbers are from. */
  readonly predicted: RunSeries;
}

/** What the replay took from the recording. */
export interface StudyFacts {
  readonly recordedShadow: boolean;
  /** How register writes reached the device in the recording, as far as it shows. */
  readonly recordedTransport: Transport;
  /** Where the replayed part of the recording begins and ends, in ns since the trace's origin. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly cores: number;
  readonly overlap: number;
  readonly loopWeight: number;
  /** Commands outstanding per queue. */
  readonly windows: readonly number[];
  readonly depths: Readonly<Record<number, number>>;
  readonly leftOutCommands: number;
  readonly droppedActions: number;
  /** Where not all of the recording was taken: what was, and the commands and register writes in it. Left out otherwise. */
  readonly part?: ReplayedWindow & { readonly commands: number; readonly mmio: MmioTotal };
}

/** What of the options decides how the median run is repeated. */
type StudyNames = ConfigurationNames & { readonly openLoop?: boolean };

/** Makes the record of a what-if: one pass over the recording, and one more run of the model. */
export function studyRecord(store: Store, replayable: Replayable, options: StudyNames, result: WhatIfResult): StudyRecord {
  const { trace, subject, part, recorded, recording, recordedConfiguration } = replayable;
  const { calibration, host } = subject;
  const { medianSeed, durationNs } = result.predicted;
  const cut = replayedWindow(recording, part);
  const configuration = configurationOf(options, recordedConfiguration.transport);
  return {
    recordVersion: RECORD_VERSION,
    result,
    facts: {
      recordedShadow: recordedConfiguration.shadow,
      recordedTransport: recordedConfiguration.transport,
      ...recording.steady,
      cores: host.cores,
      overlap: calibration.overlap,
      loopWeight: host.loopWeight,
      windows: calibration.queues.map((queue) => queue.window),
      depths: depthsOf(replayable),
      leftOutCommands: part.leftOut.commands,
      droppedActions: recording.dropped,
      ...(cut === null ? {} : { part: { ...cut, ...recorded } }),
    },
    recorded: seriesOf(recording.steady, steadyLives(recording.queues, part), (consume) => readEvents(store, trace, consume)),
    predicted: seriesOf({ fromNs: 0, toNs: durationNs }, () => true, (consume) => runOnce(subject, configuration, medianSeed, consume)),
  };
}

/** The runs of a trace that are stored with a record. */
export function storedRecords(store: Store, traceId: number): readonly { readonly parameters: unknown; readonly record: StudyRecord }[] {
  return listRuns(store, traceId).flatMap((run) => {
    const record = recordOf(run);
    return record === undefined ? [] : [{ parameters: run.parameters, record }];
  });
}

/** The record of a stored run; undefined where it has none, or one of another shape. */
export function recordOf({ result }: Pick<RunRow, 'result'>): StudyRecord | undefined {
  const { study } = result as { readonly study?: StudyRecord };
  return study?.recordVersion === RECORD_VERSION ? study : undefined;
}

/** The tables of another capture, over its own steady part, or that in a window; undefined without time stamps or I/O. */
export function capturedSeries(store: Store, trace: TraceRow, window?: TimeWindow): RunSeries | undefined {
  if (trace.clock === 'none') return undefined;
  const log = new ActionLog(window);
  readHistory(store, trace, [log]);
  const part = findSteadyPart(log);
  if (part.from === part.to) return undefined;
  return seriesOf(steadyWindow(log, part), steadyLives(log.queues, part), (consume) => readEvents(store, trace, consume));
}
