// The machine: vCPUs with their driver, the bus, the shared doorbell buffers and the device, put together and run.
//
//   Vcpu -> DriverSide -> shadow words, Bus -> device -> interrupt -> Vcpu;  Host: who has a core
//
// Everything that happens is recorded as normalized events. A run ends when nothing is left to happen; if work
// is left then, the machine has stalled, and the result says where.

import type { EventWriter } from '../trace/batch.js';
import { Bus } from './bus.js';
import { Clock } from './clock.js';
import type { Costs } from './costs.js';
import { PolicyRunner } from './device/queue-side.js';
import { QemuDevice } from './device/qemu.js';
import { DriverSide } from './driver/driver-side.js';
import type { DriverModel } from './driver/driver.js';
import { Host, type HostOptions } from './host.js';
import { DeviceLock } from './lock.js';
import { DoorbellBuffers } from './memory.js';
import type { CqPolicy, SqPolicy } from './policy/policy.js';
import { QueuePair, type QueuePairSpec } from './queue-pair.js';
import { Recorder } from './recorder.js';
import type { ServiceTimes, Work } from './service.js';
import type { Transport } from './transport.js';
import { Vcpu } from './vcpu.js';

export interface MachineOptions {
  readonly shadow: boolean;
  readonly driver: DriverModel;
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
  /** Give up after this many events of the model: a policy that never lets the device rest would run for ever. */
  readonly maxEvents: number;
}

/** Work is left, and nobody will look at it; or the run was cut off, and this is where it stood. */
export interface Stall {
  readonly qid: number;
  /** When the last thing happened, in ns. */
  readonly atNs: number;
  readonly what: 'commands wait in the SQ' | 'commands wait in the device' | 'completions wait for the CQ' | 'completions wait for the driver' | 'the driver waits';
  /** How many commands. */
  readonly waiting: number;
}

export interface MachineResult {
  /** Simulated time until the last event, in ns. */
  readonly durationNs: number;
  readonly submitted: number;
  readonly reaped: number;
  readonly stalls: readonly Stall[];
  /** Whether `maxEvents` was reached before the work was done. */
  readonly runaway: boolean;
  /** vCPU time in doorbell updates and register writes, over all vCPUs, in ns. */
  readonly vcpuDoorbellNs: number;
  /** Time that the device was at work, in ns. */
  readonly deviceBusyNs: number;
  /** Time that the device spent polling for nothing, in ns: on a core of its own, as the model has it. */
  readonly devicePollNs: number;
}

/** Builds a machine and runs it to its end. */
export function runMachine(options: MachineOptions): MachineResult {
  const { shadow, driver, transport, costs, service, queues, writer } = options;
  const clock = new Clock();
  const host = new Host(clock, options.host);
  const lock = new DeviceLock(clock, (asleepNs, signalled) => service.lockWakeNs(asleepNs, signalled));
  const recorder = new Recorder(writer, options.deviceOnly);
  const pairs = queues.map(({ spec }) => new QueuePair(spec));
  const hasShadow = shadow && options.sqPolicy.withoutShadow !== true;
  const buffers = hasShadow ? new DoorbellBuffers(Math.max(...pairs.map((pair) => pair.qid))) : undefined;
  recorder.begin(pairs, hasShadow);
  // The bus calls the device, the device the vCPUs, the vCPUs the bus: each is there before the first call.
  const vcpuOf = new Map<QueuePair, Vcpu>();
  const device = new QemuDevice({
    clock,
    host,
    lock,
    pairs,
    sqPolicy: options.sqPolicy,
    cqPolicy: options.cqPolicy,
    policies: new PolicyRunner(buffers, costs, recorder),
    service,
    costs,
    recorder,
    interrupt: (pair, nowNs) => vcpuOf.get(pair)!.interrupt(nowNs),
    posted: (pair, nowNs) => vcpuOf.get(pair)!.posted(nowNs),
    isWorkLeft: () => vcpus.some((vcpu) => vcpu.hasWork || vcpu.pair.reaped < vcpu.pair.submitted),
  });
  const bus = new Bus({ clock, transport, lock, recorder, pairs, device });
  const driverSide = new DriverSide(driver, buffers, recorder, (pair, side, nowNs) => device.stored(pair, side, nowNs));
  const vcpus = queues.map(({ work }, i) => {
    const pair = pairs[i]!;
    const vcpu = new Vcpu({ host, pair, driver: driverSide, bus, costs, work, service });
    vcpuOf.set(pair, vcpu);
    return vcpu;
  });
  for (const vcpu of vcpus) vcpu.start(clock);

  const finished = clock.run(options.maxEvents);
  writer.flush();
  return {
    durationNs: clock.nowNs,
    submitted: sum(pairs, (pair) => pair.submitted),
    reaped: sum(pairs, (pair) => pair.reaped),
    stalls: vcpus.flatMap((vcpu) => stallOf(vcpu, clock.nowNs)),
    runaway: !finished,
    vcpuDoorbellNs: sum(vcpus, (vcpu) => vcpu.doorbellNs),
    deviceBusyNs: device.busyNs,
    devicePollNs: device.pollingNs(clock.nowNs),
  };
}

/** Where a queue's work stands still, if it does: the first place on a command's way that holds any. */
function stallOf(vcpu: Vcpu, atNs: number): Stall[] {
  const { pair } = vcpu;
  const places: readonly [Stall['what'], number][] = [
    ['commands wait in the SQ', pair.submitted - pair.fetched],
    ['commands wait in the device', pair.fetched - pair.completed],
    ['completions wait for the CQ', pair.completed - pair.posted],
    ['completions wait for the driver', pair.posted - pair.reaped],
    ['the driver waits', vcpu.hasWork ? 1 : 0],
  ];
  const stuck = places.find(([, waiting]) => waiting > 0);
  return stuck === undefined ? [] : [{ qid: pair.qid, atNs, what: stuck[0], waiting: stuck[1] }];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
