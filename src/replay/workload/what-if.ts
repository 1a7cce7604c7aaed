// A what-if on a described workload: its runs over several seeds, beside the same runs with shadow doorbells off. There is no
// recording, so nothing can be checked against one.

import type { Costs } from '../../model/costs.js';
import { sampledHost } from '../host.js';
import { type MeasureOptions, type RunResult, measured } from '../measured.js';
import { NOTHING_LEFT_OUT, type Prediction, type Runs, medianRun, predictionOf, totalOf } from '../prediction.js';
import type { Configuration } from '../run.js';
import type { WhatIfResult } from '../what-if.js';
import { SyntheticService, SyntheticWork } from './synthetic.js';
import { type Workload, mostCommands } from './workload.js';

/** Events of the model per command, generously: a run beyond it is cut off and reported as runaway. */
const EVENTS_PER_COMMAND = 500;

export interface WorkloadWhatIfOptions {
  readonly workload: Workload;
  readonly configuration: Configuration;
  /** First seed; run i uses seed + i. */
  readonly seed: number;
  /** Number of runs, 1 or more. */
  readonly repeat: number;
}

export interface WorkloadWhatIfResult {
  readonly baseline: WhatIfResult['baseline'];
  readonly predicted: Prediction;
  readonly transport: WhatIfResult['transport'];
}

/** Answers a what-if. Deterministic: same options, same result. */
export function workloadWhatIf({ workload, configuration, seed, repeat }: WorkloadWhatIfOptions): WorkloadWhatIfResult {
  const runAll = (of: Configuration): Runs => {
    const all = Array.from({ length: repeat }, (_, i) => runWorkload(workload, of, { seed: seed + i }));
    return { likely: all, varied: [], all };
  };
  const runs = runAll(configuration);
  const off = configuration.shadow ? runAll({ ...configuration, shadow: false }) : runs;
  const mmio = totalOf(medianRun(off.likely), NOTHING_LEFT_OUT);
  const again = (of: number): RunResult => runWorkload(workload, configuration, { seed: of, measure: true });
  return {
    baseline: { mmio, source: 'replayed with shadow doorbells off' },
    predicted: predictionOf(runs, mmio, NOTHING_LEFT_OUT, again),
    transport: configuration.transport,
  };
}

/** Runs once. Same workload, configuration and seed give the same events. */
export function runWorkload(workload: Workload, configuration: Configuration, options: MeasureOptions): RunResult {
  const { guest, jobs, cores } = workload;
  const { seed } = options;
  const vcpus = Array.from({ length: guest.vcpus }, (_, vcpu) => vcpu).filter((vcpu) => jobs.some((job) => job.vcpu === vcpu));
  return measured(
    {
      shadow: configuration.shadow,
      driver: configuration.driver,
      device: configuration.device,
      sqPolicy: configuration.sqPolicy,
      cqPolicy: configuration.cqPolicy,
      transport: configuration.transport,
      costs: costsOf(workload),
      host: sampledHost({ cores, loopWeight: 1 }, seed),
      service: new SyntheticService(workload, seed),
      queues: vcpus.map((vcpu) => ({
        spec: { qid: vcpu + 1, sqDepth: guest.queueDepth, cqDepth: guest.queueDepth, polled: guest.polled },
        work: new SyntheticWork(jobs.filter((job) => job.vcpu === vcpu), vcpu, seed),
      })),
      scenario: configuration.scenario ?? {},
      maxEvents: 10_000 + mostCommands(workload) * EVENTS_PER_COMMAND,
    },
    options,
  );
}

function costsOf({ guest, device }: Workload): Costs {
  const { shadowReadNs, eventIdxWriteNs, dispatchNs, iterationNs } = device;
  return { shadowUpdateNs: guest.shadowUpdateNs, shadowReadNs, eventIdxWriteNs, dispatchNs, iterationNs };
}
