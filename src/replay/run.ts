// One replay of a calibrated recording under one configuration and one seed.

import { DEFAULT_COSTS } from '../model/costs.js';
import type { DeviceModel } from '../model/device/device.js';
import type { DriverModel } from '../model/driver/driver.js';
import type { CqPolicy, SqPolicy } from '../model/policy/policy.js';
import type { Scenario } from '../model/scenario.js';
import type { Work } from '../model/service.js';
import type { Transport } from '../model/transport.js';
import type { BatchConsumer } from '../trace/batch.js';
import type { ActionLog } from './action-log.js';
import { type HostFit, sampledHost } from './host.js';
import { type RunResult, measured } from './measured.js';
import { OpenWork, type Submissions } from './open-loop.js';
import { costsAt } from './record-cost.js';
import { SampledService, SampledWork } from './sampled.js';
import type { RunCalibration, RunQueue } from './shared.js';
import { varied } from './uncertain.js';

/** What is replayed: everything that a what-if may change. */
export interface Configuration {
  readonly shadow: boolean;
  readonly driver: DriverModel;
  readonly device: DeviceModel;
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly transport: Transport;
  /** What happens beside the work, in every run; not part of a recording. */
  readonly scenario?: Scenario;
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
  readonly calibration: RunCalibration;
  readonly host: HostFit;
  /** Open loop: the recorded submissions of each queue, by place. Undefined: closed loop. */
  readonly submissions?: ReadonlyMap<number, Submissions>;
}

/** What register writes, and the device's accesses to shadow doorbells, took in a recording made under this configuration: no writes, where most of them were saved. */
export function writeTimes({ shadow, transport }: Configuration): { readonly writeNs: number; readonly dispatchNs: number; readonly accessNs: number } {
  const { dispatchNs, shadowReadNs, eventIdxWriteNs } = DEFAULT_COSTS;
  return { writeNs: shadow ? 0 : transport.vcpuNs, dispatchNs, accessNs: shadow ? shadowReadNs + eventIdxWriteNs : 0 };
}

/** Events of the model per command, generously: a run beyond it is cut off and reported as runaway. */
const EVENTS_PER_COMMAND = 500;

export interface RunOptions {
  /** Draw anew what the recording can't tell, see uncertain.ts; otherwise it is as likely as can be. */
  readonly vary?: boolean;
  /** See MachineOptions.deviceOnly; nothing of the commands can be measured then. */
  readonly deviceOnly?: boolean;
  /** See MeasureOptions. */
  readonly measure?: boolean;
}

/**
 * Runs once. `consume`, when given, also gets the run's events.
 * Same subject, configuration and seed give the same events.
 */
export function runOnce(
  subject: RunSubject,
  configuration: Configuration,
  seed: number,
  consume?: BatchConsumer,
  { vary = false, deviceOnly = false, measure = false }: RunOptions = {},
): RunResult {
  const { log } = subject;
  const { calibration, host, transport, costs } = vary ? varied(subject, configuration, seed) : { ...subject, ...configuration, costs: costsAt(subject.calibration.recordScale) };
  const commands = calibration.queues.reduce((total, queue) => total + queue.commands, 0);
  return measured({
    shadow: configuration.shadow,
    driver: configuration.driver,
    device: configuration.device,
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
        work: workOf(subject, queue, seed, calibration.waitedFor),
      };
    }),
    scenario: configuration.scenario ?? {},
    deviceOnly,
    maxEvents: 10_000 + commands * EVENTS_PER_COMMAND,
  }, { seed, consume, measure });
}

function workOf({ submissions }: RunSubject, queue: RunQueue, seed: number, waitedFor: readonly number[]): Work {
  const own = submissions?.get(queue.place);
  return own === undefined ? new SampledWork(queue, waitedFor, seed) : new OpenWork(queue, own);
}
