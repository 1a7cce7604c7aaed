// What a machine is put together from, and how.
//
//   Vcpu -> DriverSide -> shadow words, Bus -> device -> interrupt -> Vcpu;  Host: who has a core

import type { EventWriter } from '../trace/batch.js';
import { Bus } from './bus.js';
import type { Clock } from './clock.js';
import type { Costs } from './costs.js';
import { AdminQueue } from './admin-queue.js';
import { Controller } from './device/controller.js';
import type { DeviceModel } from './device/device.js';
import { PolicyRunner } from './device/queue-side.js';
import { DriverMemory } from './driver/driver-memory.js';
import { DriverSide } from './driver/driver-side.js';
import type { DriverModel } from './driver/driver.js';
import { Hazards } from './hazards.js';
import { Host } from './host.js';
import { Life } from './life.js';
import { DeviceLock } from './lock.js';
import { DoorbellBuffers } from './memory.js';
import type { CqPolicy, SqPolicy } from './policy/policy.js';
import { QueuePair, type QueuePairSpec } from './queue-pair.js';
import { Recorder } from './recorder.js';
import type { Scenario } from './scenario.js';
import type { ServiceTimes, Work } from './service.js';
import type { HostOptions } from './thread.js';
import type { Transport } from './transport.js';
import { Vcpu } from './vcpu.js';

export interface MachineOptions {
  readonly shadow: boolean;
  readonly driver: DriverModel;
  readonly device: DeviceModel;
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly transport: Transport;
  readonly costs: Costs;
  readonly host: HostOptions;
  readonly service: ServiceTimes;
  /** One vCPU per queue pair. */
  readonly queues: readonly { readonly spec: QueuePairSpec; readonly work: Work }[];
  /** Where the events go; flushed at the end. */
  readonly writer: EventWriter;
  /** Record what a capture of the device would show, without the driver's own events. */
  readonly deviceOnly?: boolean;
  /** What happens beside the work; nothing by default. */
  readonly scenario?: Scenario;
  /** Give up after this many events of the model: a policy that never lets the device rest would run for ever. */
  readonly maxEvents: number;
}

export interface Parts {
  readonly device: Controller;
  readonly hazards: Hazards;
  readonly life: Life;
  readonly memory: DriverMemory;
  readonly pairs: readonly QueuePair[];
  readonly vcpus: readonly Vcpu[];
}

/** Builds a machine's parts; nothing has happened yet. */
export function assemble(options: MachineOptions, clock: Clock): Parts {
  const { driver, device: model, transport, costs, scenario = {}, service, queues } = options;
  const host = new Host(clock, options.host);
  const lock = new DeviceLock(clock, (asleepNs, signalled) => service.lockWakeNs(asleepNs, signalled));
  const recorder = new Recorder(options.writer, options.deviceOnly);
  const hazards = new Hazards();
  const pairs = queues.map(({ spec }, place) => new QueuePair({ ...spec, polled: spec.polled === true || driver.polls === true }, place));
  const maxQid = Math.max(...pairs.map(({ qid }) => qid));
  const agree = options.shadow && options.sqPolicy.withoutShadow !== true && model.accepts === driver.buffers.command;
  const buffers = agree ? new DoorbellBuffers(maxQid) : undefined;
  const atOnce = Life.configuresAtOnce(scenario);
  recorder.created(pairs, 0);
  if (buffers !== undefined && atOnce) recorder.configured(0);
  const policies = new PolicyRunner({ sqPolicy: options.sqPolicy, cqPolicy: options.cqPolicy, buffers: atOnce ? buffers : undefined, costs, recorder, hazards });
  // The bus calls the device, the device the vCPUs, the vCPUs the bus: each is there before the first call.
  const vcpus: Vcpu[] = [];
  const device = new Controller({
    model,
    clock,
    host,
    lock,
    transport,
    pairs,
    policies,
    service,
    costs,
    recorder,
    hazards,
    interrupt: (pair, nowNs) => vcpus[pair.place]!.interrupt(nowNs),
    posted: (pair, nowNs) => vcpus[pair.place]!.posted(nowNs),
    isWorkLeft: () => vcpus.some((vcpu) => vcpu.hasWork || vcpu.pair.reaped < vcpu.pair.submitted),
  });
  const bus = new Bus({ clock, transport, lock: model.threads === 'main loop' ? lock : undefined, recorder, pairs, device });
  const memory = new DriverMemory({
    clock,
    care: driver.buffers,
    hazards,
    maxQid: driver.buffers.sizedBy === 'queues' ? maxQid : (scenario.onlineCpus ?? maxQid),
    bigEndianHost: scenario.bigEndianHost ?? false,
    storeBufferNs: scenario.storeBufferNs ?? 0,
    hasVendor: model.accepts === 'C0h',
    draw: options.host.draw,
    stored: (pair, side, nowNs) => device.stored(pair, side, nowNs),
  });
  const driverSide = new DriverSide({ model: driver, memory, recorder });
  const admin = new AdminQueue({ clock, recorder, service, transport });
  const life = new Life({ clock, scenario, driver, memory, buffers, device, admin, pairs, recorder, vcpus });
  for (const [i, { work }] of queues.entries()) {
    const pair = pairs[i]!;
    vcpus.push(new Vcpu({
      clock, host, pair, driver: driverSide, bus, costs, work, service,
      mayBegin: (asking, nowNs) => life.mayBegin(asking, nowNs),
      reaped: (nowNs) => life.reaped(nowNs),
    }));
  }
  return { device, hazards, life, memory, pairs, vcpus };
}
