// Use case: one what-if on a trace. The result is stored as a run under the hash of all that determines it.

import { createHash } from 'node:crypto';
import { usageError } from '../base/errors.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { HostFit } from '../replay/host.js';
import type { Transport } from '../model/transport.js';
import { type WhatIfResult, planWhatIf } from '../replay/what-if.js';
import { type Store, openStore } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import { insertRun } from '../store/runs.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';
import { type MakeRuns, runsHere, sentSetting } from './runs.js';
import { type StudyRecord, studyRecord } from './study-record.js';
import { type ReplayedWindow, replayedWindow } from './replayed-window.js';
import { type Replayable, readReplayable } from './subject.js';
import { type WindowData, windowIn, windowOut, windowText } from './time-window.js';

export interface ReplayOptions extends ConfigurationNames {
  readonly db: string;
  /** Name, number or SHA-256 of the trace. */
  readonly trace: string;
  readonly seed: number;
  /** Number of runs; run i uses seed + i. */
  readonly repeat: number;
  /** Submit at the recorded times; closed loop unless it is true. */
  readonly openLoop?: boolean;
  /** The part of the recording that is replayed; all of it by default. */
  readonly window?: TimeWindow | undefined;
  readonly toolVersion: string;
  /** Who makes the runs; this thread by default. */
  readonly makeRuns?: MakeRuns | undefined;
}

/** Everything that a run was computed from, by name: enough to repeat it. */
export interface RunParameters {
  readonly trace: string;
  readonly sha256: string;
  readonly shadow: 'on' | 'off';
  readonly driver: string;
  readonly device: string;
  readonly policy: string;
  readonly cq_policy: string;
  readonly transport: string;
  readonly loop: 'closed' | 'open';
  /** What happens beside the work, as it was asked for; left out where nothing does. */
  readonly scenario?: readonly string[];
  /** The part of the trace that was asked for, in ns since its start; left out where that is all of it. `to_ns` is null for an open end. */
  readonly window?: WindowData;
  readonly seed: number;
  readonly repeat: number;
  readonly version: string;
  /** SHA-256 of the files that policies of the user's come from. */
  readonly policy_sha256?: string;
  readonly cq_policy_sha256?: string;
}

export interface ReplayResult {
  readonly run: { readonly id: number; readonly name: string; readonly key: string; readonly parameters: RunParameters };
  readonly baseline: WhatIfResult['baseline'];
  readonly predicted: WhatIfResult['predicted'];
  readonly baselines: WhatIfResult['baselines'];
  readonly self_check: WhatIfResult['selfCheck'];
  /** The host that the recording was made on, as fitted from it. */
  readonly host: HostFit;
  /** How register writes reached the device in the prediction, with their costs and where these come from. */
  readonly transport: Transport;
  /** Actions beyond the replay's limit that were left out; 0 means that all of the trace, or of its window, was replayed. */
  readonly dropped_actions: number;
  /** The part that was replayed; null where that is all of the trace. */
  readonly window: ReplayedWindow | null;
}

/** Replays a trace and stores the run. Deterministic; a repeated run replaces itself. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  if (options.repeat < 1) throw usageError(`--repeat ${options.repeat}: at least one run is needed`);
  const store = openStore(options.db, { create: false });
  try {
    const replayable = readReplayable(store, options.trace, options);
    const { parameters, result } = await replayTrace(replayable, options);
    return storeReplay(store, replayable, parameters, studyRecord(store, replayable, options, result));
  } finally {
    store.close();
  }
}

/** The hash of all that determines a run. */
function runKey(parameters: RunParameters): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
}

/** Stores the result of a what-if as a run, with what charts and reviews need of it. */
export function storeReplay(store: Store, replayable: Replayable, parameters: RunParameters, study: StudyRecord): ReplayResult {
  const { result } = study;
  const key = runKey(parameters);
  const loop = parameters.loop === 'open' ? '/open-loop' : '';
  const part = parameters.window === undefined ? '' : `/${windowText(windowIn(parameters.window))}`;
  const name = `${parameters.trace}/shadow-${parameters.shadow}/${parameters.policy}+${parameters.cq_policy}${loop}${part}`;
  const output = outputOf(replayable, result);
  const run = insertRun(store, { name, traceId: replayable.trace.id, key, version: parameters.version, parameters, result: { ...output, study } });
  return { run: { id: run.id, name, key, parameters }, ...output };
}

/** Computes a what-if on a trace that was read already, for the same part and loop. */
export async function replayTrace(
  replayable: Replayable,
  options: Omit<ReplayOptions, 'db' | 'trace'>,
): Promise<{ readonly parameters: RunParameters; readonly result: WhatIfResult }> {
  const { part, recorded, subject, recordedConfiguration } = replayable;
  const { makeRuns = runsHere } = options;
  const setting = {
    subject,
    part,
    recorded: recorded.mmio,
    recordedConfiguration,
    configuration: configurationOf(options, recordedConfiguration.transport),
    seed: options.seed,
    repeat: options.repeat,
  };
  const { orders, resultOf } = planWhatIf(setting);
  const result = resultOf(await makeRuns(setting, sentSetting(setting, options), orders));
  return { parameters: parametersOf(replayable.trace, options, recordedConfiguration.transport), result };
}

/** Everything that a run is computed from. `recorded`: how register writes reached the device in the recording. */
export function parametersOf(trace: Pick<TraceRow, 'name' | 'sha256'>, options: Omit<ReplayOptions, 'db' | 'trace'>, recorded: Transport): RunParameters {
  const { openLoop = false, window } = options;
  const configuration = configurationOf(options, recorded);
  return {
    trace: trace.name,
    sha256: trace.sha256,
    shadow: configuration.shadow ? 'on' : 'off',
    driver: configuration.driver.name,
    device: configuration.device.name,
    policy: configuration.sqPolicy.name,
    cq_policy: configuration.cqPolicy.name,
    transport: configuration.transport.name,
    loop: openLoop ? 'open' : 'closed',
    ...(configuration.scenario === undefined ? {} : { scenario: options.scenario ?? [] }),
    ...(window === undefined ? {} : { window: windowOut(window) }),
    seed: options.seed,
    repeat: options.repeat,
    version: options.toolVersion,
    ...(configuration.sqPolicy.sha256 === undefined ? {} : { policy_sha256: configuration.sqPolicy.sha256 }),
    ...(configuration.cqPolicy.sha256 === undefined ? {} : { cq_policy_sha256: configuration.cqPolicy.sha256 }),
  };
}

function outputOf({ subject: { host }, recording, part }: Replayable, { baseline, predicted, baselines, selfCheck, transport }: WhatIfResult): Omit<ReplayResult, 'run'> {
  return { baseline, predicted, baselines, self_check: selfCheck, host, transport, dropped_actions: recording.dropped, window: replayedWindow(recording, part) };
}
