// One run of a machine, measured: the doorbell counts of its events, and on request where its commands spent their time.

import { DoorbellCounter, type DoorbellReport } from '../metrics/doorbells.js';
import type { Hazard } from '../model/hazards.js';
import { type MachineOptions, type QueueTally, type Stall, runMachine } from '../model/machine.js';
import { type BatchConsumer, EventWriter } from '../trace/batch.js';
import { type QueueMeasures, RunMeter, type StageLatencies } from './run-meter.js';

export interface RunResult {
  readonly seed: number;
  readonly doorbells: DoorbellReport;
  readonly durationNs: number;
  /** Events of the model that were handled. */
  readonly handled: number;
  /** Commands completed and consumed. */
  readonly commands: number;
  readonly stalls: readonly Stall[];
  readonly runaway: boolean;
  /** Announcements of each queue, with what they took. */
  readonly queues: readonly QueueTally[];
  /** vCPU time in doorbell updates and register writes, in ns. */
  readonly vcpuDoorbellNs: number;
  readonly deviceBusyNs: number;
  /** Time that threads of the device polled in vain, over all of them, in ns. */
  readonly devicePollingNs: number;
  readonly hazards: readonly Hazard[];
  /** Only where they were asked for: following the commands takes time. */
  readonly measures: RunMeasures | undefined;
}

export interface RunMeasures {
  readonly stages: StageLatencies;
  readonly queues: readonly QueueMeasures[];
}

export interface MeasureOptions {
  readonly seed: number;
  /** Also gets the run's events. */
  readonly consume?: BatchConsumer | undefined;
  /** Follow the commands too: latencies by stage and occupancy. */
  readonly measure?: boolean;
}

/** Runs a machine. Memory: the commands outstanding and fixed histograms, whatever the length of the run. */
export function measured(machine: Omit<MachineOptions, 'writer'>, { seed, consume, measure = false }: MeasureOptions): RunResult {
  const doorbells = new DoorbellCounter();
  const meter = measure ? new RunMeter() : undefined;
  const writer = new EventWriter((batch) => {
    doorbells.push(batch);
    meter?.push(batch);
    consume?.(batch);
  });
  const { reaped, submitted: _submitted, ...result } = runMachine({ ...machine, writer });
  const measures = meter && { stages: meter.stages(), queues: meter.perQueue(result.durationNs) };
  return { seed, doorbells: doorbells.result(), commands: reaped, measures, ...result };
}
