// A trace made ready to be talked about: its events are read once, and every view of it is built on the way.

import { usageError } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import { History } from '../history/history.js';
import type { SqLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';
import type { HistoryEvidence } from '../history/telling.js';
import { DoorbellCounter, type DoorbellReport, type MmioTotal } from '../metrics/doorbells.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import { ACTION, ActionLog } from '../replay/action-log.js';
import { type Calibration, calibrate } from '../replay/calibrate.js';
import { recordedSubmissions } from '../replay/open-loop.js';
import { makeReady } from '../replay/ready.js';
import { recordsPerCompletion } from '../replay/record-cost.js';
import { type Configuration, type RunSubject, writeTimes } from '../replay/run.js';
import { shared } from '../replay/shared.js';
import { slowExit } from '../replay/slow-exit.js';
import { type SteadyPart, findSteadyPart, steadyWindow } from '../replay/steady.js';
import { readOverview } from '../store/analysis.js';
import type { Store } from '../store/open.js';
import type { BatchConsumer } from '../trace/batch.js';
import { TransportFit } from '../replay/transport-fit.js';
import { type TraceRow, findTrace, listTraces, recordCounts } from '../store/queries.js';
import { readEvents } from '../store/reader.js';
import { ANALYSIS_VERSION, Analyst } from './analysis.js';
import type { Overview } from './analysis.js';
import { missingRecords } from '../trace/tally.js';
import { configurationOf } from './catalogue.js';
import { giveUp } from './give-up.js';
import { checkInside, checkWindow } from './time-window.js';

/** Traces that an error names. */
const NAMES_SHOWN = 20;

/** The trace that the user means; throws a usageError that lists those that there are. */
export function traceNamed(store: Store, reference: string): TraceRow {
  const trace = findTrace(store, reference);
  if (trace !== undefined) return trace;
  const names = listTraces(store).map((row) => row.name);
  const near = nearestName(reference, names);
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more: "bellwether traces" lists them` : '';
  const known = names.length === 0 ? 'The store holds no trace yet: "bellwether ingest FILE" reads one.' : `The store holds: ${names.slice(0, NAMES_SHOWN).join(', ')}${more}.`;
  throw usageError(`no trace is called "${reference}" in ${store.file}`, [...(near === undefined ? [] : [`Did you mean ${near}?`]), known]);
}


/** What the doorbells of a trace say, and how sure its history is. */
export interface Told {
  readonly doorbells: DoorbellReport;
  readonly evidence: HistoryEvidence;
}

/**
 * Reads a trace and tells its history to the observers. Memory doesn't grow with the trace, but for what observers keep.
 * @param consume also gets the events
 */
export function readHistory(store: Store, trace: TraceRow, observers: readonly HistoryObserver[], consume?: BatchConsumer): Told {
  const doorbells = new DoorbellCounter();
  const history = new History(observers);
  readEvents(store, trace, (batch) => {
    doorbells.push(batch);
    history.push(batch);
    consume?.(batch);
  });
  history.end();
  return { doorbells: doorbells.result(), evidence: history.evidence };
}

/** What the analysis of a trace found: as stored with it, or for a trace of an older store from its events. */
export function overviewOf(store: Store, trace: TraceRow): Overview {
  const stored = readOverview(store, trace.id, ANALYSIS_VERSION);
  if (stored !== undefined) return stored as Overview;
  const analyst = new Analyst(() => {});
  readEvents(store, trace, (batch) => analyst.push(batch));
  return analyst.end(missingRecords(trace.records)).overview;
}

/** What is kept of a trace's actions once it is calibrated: they take far more memory than all the rest. */
export interface RecordingFacts {
  /** The I/O submission queues, by place. */
  readonly queues: readonly SqLife[];
  /** When the steady part began and ended. */
  readonly steady: TimeWindow;
  /** See ActionLog. */
  readonly cut: TimeWindow | undefined;
  readonly dropped: number;
}

export interface ReadOptions {
  /** Only this part is calibrated from, replayed and counted; undefined: all of it. */
  readonly window?: TimeWindow | undefined;
  /** Keep the recorded submissions, for replays that submit at their times. */
  readonly openLoop?: boolean | undefined;
}

/** A trace that can be replayed. */
export interface Replayable extends Told {
  readonly trace: TraceRow;
  /** Commands and register writes on I/O queues in all that is replayed or counted unchanged. */
  readonly recorded: { readonly commands: number; readonly mmio: MmioTotal };
  readonly part: SteadyPart;
  readonly recording: RecordingFacts;
  readonly subject: RunSubject;
  /** What it was recorded under: the first driver, device and transport of the catalogue, shadow doorbells as seen. */
  readonly recordedConfiguration: Configuration;
}

/** A register write costs what the recording shows, if it does. */
function withRecordedExits(configuration: Configuration, exits: TransportFit): Configuration {
  return { ...configuration, transport: exits.result(configuration.transport) ?? configuration.transport };
}

/** Steps of I/O commands that a replay can't do without; the log numbers them. */
const NEEDED_STEPS = [
  { action: ACTION.fetch, does: 'fetches' },
  { action: ACTION.complete, does: 'completes' },
] as const;

/** Throws a usageError that names what the recording lacks: the model's device is timed by its fetches and completions. */
function checkSteps({ action, length }: ActionLog, name: string): void {
  const seen = new Set(action.subarray(0, length));
  const lacking = NEEDED_STEPS.filter((step) => !seen.has(step.action));
  if (lacking.length === 0) return;
  throw usageError(`trace ${name} does not show that the device ${lacking.map(({ does }) => does).join(' or ')} I/O commands, and a replay is timed by that`, [
    'Capture QEMU\'s own NVMe events: "bellwether capture qemu-log" shows how; "ingest --join" puts this capture and that one of the same run on one timeline.',
    `"bellwether info ${name}" and "bellwether check ${name}" tell what this trace does show.`,
  ]);
}

/** The configuration with what a first calibration shows of the register writes' cost. */
function withSlowExits(log: ActionLog, part: SteadyPart, configuration: Configuration, perCompletion: number): Configuration {
  if (configuration.shadow) return configuration;
  const transport = slowExit(calibrate(log, part, { ...writeTimes(configuration), recordsPerCompletion: perCompletion }), configuration.transport);
  return transport === undefined ? configuration : { ...configuration, transport };
}

/** Reads a trace for replays. Throws a usageError when it has no time stamps, not the device's steps or no I/O to replay. */
export function readReplayable(store: Store, reference: string, { window, openLoop = false }: ReadOptions = {}): Replayable {
  const trace = traceNamed(store, reference);
  if (trace.clock === 'none') {
    throw usageError(`trace ${trace.name} has no time stamps, and a replay is timed by them`, [
      'Capture again with time stamps: QEMU prints them with -msg timestamp=on; see "bellwether capture qemu-log".',
    ]);
  }
  if (window !== undefined) checkWindow(trace, window);
  const log = new ActionLog(window);
  const exits = new TransportFit(window);
  const overview = readHistory(store, trace, [log], exits.consume);
  if (window !== undefined) checkInside(log, trace, window);
  checkSteps(log, trace.name);
  const part = findSteadyPart(log);
  const shadow = overview.doorbells.controllers.some((controller) => controller.shadow);
  const perCompletion = recordsPerCompletion(recordCounts(store, trace.id, 'ignored'), overview.doorbells.commands);
  const recordedConfiguration = withSlowExits(log, part, withRecordedExits(configurationOf({ shadow }), exits), perCompletion);
  const calibrated = (coreLess: boolean): Calibration => {
    const calibration = calibrate(log, part, { ...writeTimes(recordedConfiguration), recordsPerCompletion: perCompletion, coreLess });
    if (calibration.queues.length > 0) return calibration;
    throw usageError(`trace ${trace.name} shows no command on an I/O queue`, [`Look at it with "bellwether info ${trace.name}".`]);
  };
  const ready = makeReady(log, calibrated, recordedConfiguration);
  const { queues, dropped, cut } = log;
  const subject = { calibration: shared(ready.calibration), host: ready.host, log: { queues }, ...(openLoop ? { submissions: recordedSubmissions(log, part) } : {}) };
  const replayable = { ...overview, trace, recorded: log.counts(), part, recording: { queues, dropped, cut, steady: steadyWindow(log, part) }, subject, recordedConfiguration };
  giveUp(log.buffers());
  return replayable;
}
