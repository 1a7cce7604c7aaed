// One replay of a calibrated recording under one configuration and one seed.

import { History } from '../history/history.js';
import type { CommandLife } from '../history/lives.js';
import type { HistoryObserver } from '../history/observer.js';
import { DoorbellCounter, type DoorbellReport } from '../metrics/doorbells.js';
import { DurationHistogram } from '../metrics/histogram.js';
import { type Costs, DEFAULT_COSTS } from '../model/costs.js';
import type { DriverModel } from '../model/driver/driver.js';
import { type Stall, runMachine } from '../model/machine.js';
import type { CqPolicy, SqPolicy } from '../model/policy/policy.js';
import type { Transport } from '../model/transport.js';
import { type BatchConsumer, EventWriter } from '../trace/batch.js';
import type { ActionLog } from './action-log.js';
import type { Calibration } from './calibrate.js';
import { type HostFit, sampledHost } from './host.js';
import { SampledService, SampledWork } from './sampled.js';

/** What is replayed: everything that a what-if may change. */
export interface Configuration {
  readonly shadow: boolean;
  readonly driver: DriverModel;
  readonly device: string;
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly transport: Transport;
}

/** A recording made ready for replays. */
export interface Subject {
  readonly log: ActionLog;
  readonly calibration: Calibration;
  /** Time that a submission's doorbell took in the recording, in ns; see SampledWork. */
  readonly recordedCostNs: number;
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
  /** Time from the driver's set-up to its consumption of the completion. */
  readonly latency: DurationHistogram;
}

/** Events of the model per command, generously: a run beyond it is cut off and reported as runaway. */
const EVENTS_PER_COMMAND = 500;

/**
 * Runs once. `consume`, when given, also gets the run's events; `costs` defaults to DEFAULT_COSTS.
 * Same subject, configuration and seed give the same events.
 */
export function runOnce(
  subject: Subject,
  configuration: Configuration,
  seed: number,
  consume?: BatchConsumer,
  costs: Costs = DEFAULT_COSTS,
): RunResult {
  const { calibration, host, log, recordedCostNs } = subject;
  const doorbells = new DoorbellCounter();
  const latency = new DurationHistogram();
  const history = new History([new LatencyObserver(latency)]);
  const writer = new EventWriter((batch) => {
    doorbells.push(batch);
    history.push(batch);
    consume?.(batch);
  });
  const commands = calibration.queues.reduce((total, queue) => total + queue.commands, 0);
  const result = runMachine({
    shadow: configuration.shadow,
    driver: configuration.driver,
    sqPolicy: configuration.sqPolicy,
    cqPolicy: configuration.cqPolicy,
    transport: configuration.transport,
    costs,
    host: sampledHost(host, seed),
    service: new SampledService(calibration, seed),
    queues: calibration.queues.map((queue) => {
      const sq = log.queues[queue.place]!;
      return {
        spec: { qid: sq.qid, sqDepth: sq.depth, cqDepth: sq.cq.depth },
        work: new SampledWork(queue, recordedCostNs, seed),
      };
    }),
    writer,
    maxEvents: 10_000 + commands * EVENTS_PER_COMMAND,
  });
  history.end();
  return {
    seed,
    doorbells: doorbells.result(),
    durationNs: result.durationNs,
    commands: result.reaped,
    stalls: result.stalls,
    runaway: result.runaway,
    vcpuDoorbellNs: result.vcpuDoorbellNs,
    deviceBusyNs: result.deviceBusyNs,
    latency,
  };
}

/** Collects the latency of every command that was consumed. */
class LatencyObserver implements HistoryObserver {
  private readonly latency: DurationHistogram;

  constructor(latency: DurationHistogram) {
    this.latency = latency;
  }

  commandEnded(command: CommandLife): void {
    this.latency.add(command.reapedNs - command.setupNs);
  }
}
