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
import { AdminQueue } from './admin-queue.js';
import { Controller } from './device/controller.js';
import type { DeviceModel } from './device/device.js';
import { PolicyRunner } from './device/queue-side.js';
import { DriverMemory } from './driver/driver-memory.js';
import { DriverSide } from './driver/driver-side.js';
import type { DriverModel } from './driver/driver.js';
import { type Hazard, Hazards } from './hazards.js';
import { Host } from './host.js';
import { Life, type Recovery } from './life.js';
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
  /** How the driver got it going again, where it has a timeout; the run went on then. */
  readonly recovered?: Recovery;
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
  /** Events of the model that were handled. */
  readonly handled: number;
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
  /** Time that threads of the device spent polling in vain, over all of them, in ns. */
  readonly devicePollingNs: number;
  /** What no machine should do, and this one did. */
  readonly hazards: readonly Hazard[];
}

/** Builds a machine and runs it to its end. */
export function runMachine(options: MachineOptions): MachineResult {
  const { writer } = options;
  const clock = new Clock();
  const { device, hazards, life, memory, pairs, vcpus } = assemble(options, clock);
  life.begin();
  for (const vcpu of vcpus) vcpu.start();

  const stalls: Stall[] = [];
  let finished = clock.run(options.maxEvents);
  while (finished) {
    const stuck = vcpus.filter((vcpu) => stallOf(vcpu, clock.nowNs).length > 0);
    const recovered = stuck.length > 0 ? life.recover(stuck, clock.nowNs) : undefined;
    const found = stuck.flatMap((vcpu) => stallOf(vcpu, clock.nowNs));
    stalls.push(...(recovered === undefined ? found : found.map((stall) => ({ ...stall, recovered }))));
    if (recovered === undefined) break;
    finished = clock.run(options.maxEvents);
  }
  // Where a run that was cut off stood.
  if (!finished) stalls.push(...vcpus.flatMap((vcpu) => stallOf(vcpu, clock.nowNs)));
  memory.unload(clock.nowNs);
  writer.flush();
  const deviceBusyNs = device.busyNs;
  return {
    durationNs: clock.nowNs,
    handled: clock.handled,
    submitted: sum(pairs, (pair) => pair.submitted),
    reaped: sum(pairs, (pair) => pair.reaped),
    stalls,
    runaway: !finished,
    queues: vcpus.map(({ pair: { qid }, rings, suppressed, exitNs }) => ({ qid, rings, suppressed, exitNs })),
    vcpuDoorbellNs: sum(vcpus, (vcpu) => vcpu.exitNs + vcpu.updateNs),
    deviceBusyNs,
    devicePollingNs: device.pollers > 0 ? Math.max(device.pollers * clock.nowNs - deviceBusyNs, 0) : device.pollingNs(clock.nowNs),
    hazards: hazards.list(),
  };
}

interface Parts {
  readonly device: Controller;
  readonly hazards: Hazards;
  readonly life: Life;
  readonly memory: DriverMemory;
  readonly pairs: readonly QueuePair[];
  readonly vcpus: readonly Vcpu[];
}

function assemble(options: MachineOptions, clock: Clock): Parts {
  const { driver, device: model, transport, costs, scenario = {}, service, queues } = options;
  const host = new Host(clock, options.host);
  // Who polls has a core of its own, beside those of the virtual machine.
  const deviceHost = model.pollNs === undefined ? host : new Host(clock, { ...options.host, cores: Infinity, backendOnLoopCore: false });
  const lock = new DeviceLock(clock, (asleepNs, signalled) => service.lockWakeNs(asleepNs, signalled));
  const recorder = new Recorder(options.writer, options.deviceOnly);
  const hazards = new Hazards();
  const pairs = queues.map(({ spec }) => new QueuePair({ ...spec, polled: spec.polled === true || driver.polls === true }));
  const maxQid = Math.max(...pairs.map(({ qid }) => qid));
  const agree = options.shadow && options.sqPolicy.withoutShadow !== true && model.accepts === driver.buffers.command;
  const buffers = agree ? new DoorbellBuffers(maxQid) : undefined;
  const atOnce = Life.configuresAtOnce(scenario);
  recorder.created(pairs, 0);
  if (buffers !== undefined && atOnce) recorder.configured(0);
  const policies = new PolicyRunner({ buffers: atOnce ? buffers : undefined, costs, recorder, hazards });
  // The bus calls the device, the device the vCPUs, the vCPUs the bus: each is there before the first call.
  const vcpuOf = new Map<QueuePair, Vcpu>();
  const device = new Controller({
    model,
    clock,
    host: deviceHost,
    lock,
    transport,
    pairs,
    sqPolicy: options.sqPolicy,
    cqPolicy: options.cqPolicy,
    policies,
    service,
    costs,
    recorder,
    hazards,
    interrupt: (pair, nowNs) => vcpuOf.get(pair)!.interrupt(nowNs),
    posted: (pair, nowNs) => vcpuOf.get(pair)!.posted(nowNs),
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
  const vcpus: Vcpu[] = [];
  const life = new Life({ clock, scenario, driver, memory, buffers, device, admin, pairs, recorder, vcpus });
  for (const [i, { work }] of queues.entries()) {
    const pair = pairs[i]!;
    const vcpu = new Vcpu({
      clock, host, pair, driver: driverSide, bus, costs, work, service,
      mayBegin: (asking, nowNs) => life.mayBegin(asking, nowNs),
      reaped: (nowNs) => life.reaped(nowNs),
    });
    vcpuOf.set(pair, vcpu);
    vcpus.push(vcpu);
  }
  return { device, hazards, life, memory, pairs, vcpus };
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
