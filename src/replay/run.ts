// One replay of a calibrated recording under one configuration and one seed.

import { DoorbellCounter, type DoorbellReport } from '../metrics/doorbells.js';
import type { DurationHistogram } from '../metrics/histogram.js';
import { LatencyCounter } from '../metrics/latency.js';
import { DEFAULT_COSTS } from '../model/costs.js';
import type { DriverModel } from '../model/driver/driver.js';
import { type Stall, runMachine } from '../model/machine.js';
import type { CqPolicy, SqPolicy } from '../model/policy/policy.js';
import type { Transport } from '../model/transport.js';
import { type BatchConsumer, EventWriter } from '../trace/batch.js';
import type { ActionLog } from './action-log.js';
import type { Calibration } from './calibrate.js';
import { type HostFit, sampledHost } from './host.js';
import { SampledService, SampledWork } from './sampled.js';
import { varied } from './uncertain.js';

/** What is replayed: everything that a what-if may change. */
export interface Configuration {
  readonly shadow: boolean;
  readonly driver: DriverModel;
  readonly device: string;
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly transport: Transport;
}

/** A queue pair as a run needs it. */
export interface QueueShape {
  readonly qid: number;
  readonly depth: number;
  readonly cq: { readonly depth: number };
}

/** What a run needs of a recording: its queues by place, and what it was calibrated to. */
export interface RunSubject extends Omit<Subject, 'log'> {
  readonly log: { readonly queues: readonly QueueShape[] };
}

/** A recording made ready for replays. */
export interface Subject {
  readonly log: ActionLog;
  readonly calibration: Calibration;
  readonly host: HostFit;
}

export interface RunResult {
  readonly seed: number;
  readonly doorbells: DoorbellReport;
  readonly durationNs: number;
  /** Commands completed and consumed. */
  readonly commands: number;
  readonly stalls: readonly Stall[];
  readonly runaway: boolean;
  readonly vcpuDoorbellNs: number;
  readonly deviceBusyNs: number;
  readonly devicePollNs: number;
  /** Time from the driver's set-up to its consumption of the completion. */
  readonly latency: DurationHistogram;
}

/** What a register write took in a recording made under this configuration: none, where most of them were saved. */
export function writeTimes({ shadow, transport }: Configuration): { readonly writeNs: number; readonly dispatchNs: number } {
  return { writeNs: shadow ? 0 : transport.vcpuNs, dispatchNs: DEFAULT_COSTS.dispatchNs };
}

/** Events of the model per command, generously: a run beyond it is cut off and reported as runaway. */
const EVENTS_PER_COMMAND = 500;

export interface RunOptions {
  /** Draw anew what the recording can't tell, see uncertain.ts; otherwise it is as likely as can be. */
  readonly vary?: boolean;
  /** See MachineOptions.deviceOnly; the run has no latencies then. */
  readonly deviceOnly?: boolean;
}

/**
 * Runs once. `consume`, when given, also gets the run's events; 
 * Same subject, configuration and seed give the same events.
 */
export function runOnce(
  subject: RunSubject,
  configuration: Configuration,
  seed: number,
  consume?: BatchConsumer,
  { vary = false, deviceOnly = false }: RunOptions = {},
): RunResult {
  const { log } = subject;
  const { calibration, host, transport, costs } = vary ? varied(subject, configuration, seed) : { ...subject, ...configuration, costs: DEFAULT_COSTS };
  const doorbells = new DoorbellCounter();
  const latency = new LatencyCounter();
  const writer = new EventWriter((batch) => {
    doorbells.push(batch);
    latency.push(batch);
    consume?.(batch);
  });
  const commands = calibration.queues.reduce((total, queue) => total + queue.commands, 0);
  const result = runMachine({
    shadow: configuration.shadow,
    driver: configuration.driver,
    sqPolicy: configuration.sqPolicy,
    cqPolicy: configuration.cqPolicy,
    transport,
    costs,
    host: sampledHost(host, seed),
    service: new SampledService(calibration, seed),
    queues: calibration.queues.map((queue) => {
      const sq = log.queues[queue.place]!;
      return {
        spec: { qid: sq.qid, sqDepth: sq.depth, cqDepth: sq.cq.depth, polled: queue.polled },
        work: new SampledWork(queue, calibration.waitedFor, seed),
      };
    }),
    writer,
    deviceOnly,
    maxEvents: 10_000 + commands * EVENTS_PER_COMMAND,
  });
  return {
    seed,
    doorbells: doorbells.result(),
    durationNs: result.durationNs,
    commands: result.reaped,
    stalls: result.stalls,
    runaway: result.runaway,
    vcpuDoorbellNs: result.vcpuDoorbellNs,
    deviceBusyNs: result.deviceBusyNs,
    devicePollNs: result.devicePollNs,
    latency: latency.result(),
  };
}
