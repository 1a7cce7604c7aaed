// Use case: one what-if on a described workload. No capture is needed; the result is stored as a run like any other.

import { createHash } from 'node:crypto';
import { usageError } from '../base/errors.js';
import type { Configuration } from '../replay/run.js';
import type { Workload } from '../replay/workload/workload.js';
import { workloadWhatIf } from '../replay/workload/what-if.js';
import { openStore } from '../store/open.js';
import { insertRun } from '../store/runs.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';
import type { ReplayOptions, ReplayResult, RunParameters } from './replay.js';
import { loadWorkload } from './workload-file.js';

export interface ReplayWorkloadOptions extends Omit<ReplayOptions, 'trace'> {
  /** Path of a workload file, or the name of a bundled one. */
  readonly workload: string;
}

/** What a run was computed from; `sha256` is that of the workload's file. */
export type WorkloadParameters = Omit<RunParameters, 'trace'> & { readonly workload: string };

/** As for a trace, without what needs a recording: nothing can be checked against one. */
export type WorkloadReplayResult = Omit<ReplayResult, 'run' | 'self_check'> & {
  readonly run: Omit<ReplayResult['run'], 'parameters'> & { readonly parameters: WorkloadParameters };
  readonly self_check: null;
};

/** Replays a workload and stores the run. Deterministic; a repeated run replaces itself. The store is made if there is none. */
export async function replayWorkload(options: ReplayWorkloadOptions): Promise<WorkloadReplayResult> {
  const { seed, repeat, db, toolVersion } = options;
  if (repeat < 1) throw usageError(`--repeat ${repeat}: at least one run is needed`);
  const { workload, text } = await loadWorkload(options.workload);
  const configuration = workloadConfiguration(workload, options);
  const { baseline, predicted, transport } = workloadWhatIf({ workload, configuration, seed, repeat });
  const parameters: WorkloadParameters = {
    workload: workload.name,
    sha256: createHash('sha256').update(text).digest('hex'),
    shadow: configuration.shadow ? 'on' : 'off',
    driver: configuration.driver.name,
    device: configuration.device.name,
    policy: configuration.sqPolicy.name,
    cq_policy: configuration.cqPolicy.name,
    transport: configuration.transport.name,
    loop: 'closed',
    ...(configuration.scenario === undefined ? {} : { scenario: options.scenario ?? [] }),
    seed,
    repeat,
    version: toolVersion,
  };
  const output = { baseline, predicted, baselines: {}, self_check: null, host: { cores: workload.cores, loopWeight: 1 }, dropped_actions: 0, window: null, transport };
  const key = createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
  const name = `${workload.name}/shadow-${parameters.shadow}/${parameters.policy}+${parameters.cq_policy}`;
  const store = openStore(db);
  try {
    const { id } = insertRun(store, { name, traceId: null, key, version: toolVersion, parameters, result: output });
    return { run: { id, name, key, parameters }, ...output };
  } finally {
    store.close();
  }
}

/** What the flags name, else what the file does, else the catalogue's first. */
export function workloadConfiguration({ machine }: Workload, flags: ConfigurationNames): Configuration {
  const { driver, device, policy, cqPolicy, transport } = machine;
  const described = typeof transport === 'object' ? transport : undefined;
  const configuration = configurationOf({
    shadow: flags.shadow,
    mend: flags.mend,
    scenario: flags.scenario,
    driver: flags.driver ?? driver,
    device: flags.device ?? device,
    policy: flags.policy ?? policy,
    cqPolicy: flags.cqPolicy ?? cqPolicy,
    transport: flags.transport ?? (typeof transport === 'string' ? transport : undefined),
  });
  return described !== undefined && flags.transport === undefined ? { ...configuration, transport: described } : configuration;
}
