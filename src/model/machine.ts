// The machine: vCPUs with their driver, the bus, the shared doorbell buffers and the device, run to the end.
//
// Everything that happens is recorded as normalized events. A run ends when nothing is left to happen; if work
// is left then, the machine has stalled, and the result says where.

import type { Side } from '../nvme/doorbell.js';
import { type MachineOptions, assemble } from './assemble.js';
import { Clock } from './clock.js';
import type { Hazard } from './hazards.js';
import { type Stall, stallOf } from './stall.js';

export type { MachineOptions } from './assemble.js';
export type { Stall } from './stall.js';

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
    queues: vcpus.map(({ pair: { qid }, writes: { rings, suppressed, exitNs } }) => ({ qid, rings, suppressed, exitNs })),
    vcpuDoorbellNs: sum(vcpus, ({ writes }) => writes.exitNs + writes.updateNs),
    deviceBusyNs,
    devicePollingNs: device.pollers > 0 ? Math.max(device.pollers * clock.nowNs - deviceBusyNs, 0) : device.pollingNs(clock.nowNs),
    hazards: hazards.list(),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
