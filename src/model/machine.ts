// The machine: vCPUs with their driver, the bus, the shared doorbell buffers and the device, put together and run.
//
//   Vcpu -> DriverSide -> shadow words, Bus -> device -> interrupt -> Vcpu;  Host: who has a core
//
// Everything that happens is recorded as normalized events. A run ends when nothing is left to happen; if work
// is left then, the machine has stalled, and the result says where.

import type { Side } from '../nvme/doorbell.js';
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

/** Work is left, and nobody will look at it. */
export interface Stall {
  readonly qid: number;
  /** When the last thing happened, in ns. */
  readonly atNs: number;
  readonly what: 'commands wait in the SQ' | 'commands wait in the device' | 'completions wait for the CQ' | 'completions wait for the driver' | 'the driver waits';
  /** How many commands. */
  readonly waiting: number;
  /**
   * A device that looks again at least this long after its last look, in ns, would have found the work; null where looking
   * wouldn't help, because it is the driver that waits.
   */
  readonly timerNs: number | null;
}

/** One queue pair's announcements, and what they took its vCPU. */
export interface QueueTally {
  readonly qid: number;
  /** Register writes, and announcements that shadow doorbells made needless; their sum is all announcements. */
  readonly rings: Readonly<Record<Side, number>>;
  readonly suppressed: Readonly<Record<Side, number>>;
  /** vCPU time in register writes, waiting for the device's lock included, in ns. */
  readonly exitNs: number;
}

export interface MachineResult {
  /** Simulated time until the last event, in ns. */
  readonly durationNs: number;
  readonly submitted: number;
  readonly reaped: number;
  readonly stalls: readonly Stall[];
  /** Whether `maxEvents` was reached before the work was done. */
  readonly runaway: boolean;
  readonly queues: readonly QueueTally[];
  /** vCPU time in doorbell updates and register writes, over all vCPUs, in ns. */
  readonly vcpuDoorbellNs: number;
  /** Time that the device was at work, in ns. */
  readonly deviceBusyNs: number;
}

/** Builds a machine and runs it to its end. */
export function runMachine(options: MachineOptions): MachineResult {
  const { shadow, driver, transport, costs, service, queues, writer } = options;
  const clock = new Clock();
  const host = new Host(clock, options.host);
  const lock = new DeviceLock(clock, (asleepNs, signalled) => service.lockWakeNs(asleepNs, signalled));
  const recorder = new Recorder(writer, options.deviceOnly);
  const pairs = queues.map(({ spec }) => new QueuePair(spec));
  const buffers = shadow ? new DoorbellBuffers(Math.max(...pairs.map((pair) => pair.qid))) : undefined;
  recorder.begin(pairs, shadow);
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
  });
  const bus = new Bus({ clock, transport, lock, recorder, pairs, device });
  const driverSide = new DriverSide(driver, buffers, recorder);
  const vcpus = queues.map(({ work }, i) => {
    const pair = pairs[i]!;
    const vcpu = new Vcpu({ clock, host, pair, driver: driverSide, bus, costs, work, service });
    vcpuOf.set(pair, vcpu);
    return vcpu;
  });
  for (const vcpu of vcpus) vcpu.start();

  const finished = clock.run(options.maxEvents);
  writer.flush();
  return {
    durationNs: clock.nowNs,
    submitted: sum(pairs, (pair) => pair.submitted),
    reaped: sum(pairs, (pair) => pair.reaped),
    stalls: finished ? vcpus.flatMap((vcpu) => stallOf(vcpu, clock.nowNs)) : [],
    runaway: !finished,
    queues: vcpus.map(({ pair: { qid }, rings, suppressed, exitNs }) => ({ qid, rings, suppressed, exitNs })),
    vcpuDoorbellNs: sum(vcpus, (vcpu) => vcpu.exitNs + vcpu.updateNs),
    deviceBusyNs: device.busyNs,
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
  if (stuck === undefined) return [];
  const [what, waiting] = stuck;
  return [{ qid: pair.qid, atNs, what, waiting, timerNs: timerFor(what, pair) }];
}

/** How long behind the device's last look at a queue side its driver announced last. */
function timerFor(what: Stall['what'], { announcedNs, lookedNs }: QueuePair): number | null {
  if (what === 'commands wait in the SQ') return Math.max(announcedNs.sq - lookedNs.sq, 0);
  if (what === 'completions wait for the CQ') return Math.max(announcedNs.cq - lookedNs.cq, 0);
  return null;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
