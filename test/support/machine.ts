// Hand-made machines: service times that never vary, batches written out, and the run's events as rows.

import { type Costs, DEFAULT_COSTS } from '../../src/model/costs.js';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import type { HostOptions } from '../../src/model/thread.js';
import { type MachineOptions, type MachineResult, runMachine } from '../../src/model/machine.js';
import { cqFollowHead } from '../../src/model/policy/cq.js';
import { followTail } from '../../src/model/policy/sq.js';
import type { ServiceTimes, Work } from '../../src/model/service.js';
import type { Transport } from '../../src/model/transport.js';
import { EventWriter } from '../../src/trace/batch.js';
import { KIND, type KindName, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { type PlainEvent, plainEvents } from './events.js';

/** Times of the device and the interrupt path, in ns: all different, so that a sum tells what is in it. */
export const T = {
  wake: 10_000,
  fetch: 3_000,
  backend: 50_000,
  complete: 2_000,
  interrupt: 5_000,
  handler: 20_000,
  busyHandler: 7_000,
  pendingHandler: 6_000,
  lockWake: 400,
  // Steps that most tests leave out of their sums.
  kick: 0,
  handlerTail: 0,
  perCompletion: 0,
} as const;

/** Times of the driver's work, in ns. */
export const THINK: { readonly afterSubmit: number; readonly afterReap: number } = { afterSubmit: 1_300, afterReap: 17_000 };

/** The loop gets to its work as soon as it is awake. */
export const COSTS: Costs = { ...DEFAULT_COSTS, shadowReadNs: 1_100, eventIdxWriteNs: 900, dispatchNs: 0 };

/** Costs of the shadow doorbells, in ns: U on the vCPU; R and W on the device. */
export const U = COSTS.shadowUpdateNs;
export const R = COSTS.shadowReadNs;
export const W = COSTS.eventIdxWriteNs;

/** A register write that takes the vCPU V ns, reaches the device after D ns, and needs no lock. */
export const V = 800;
export const D = 600;
export const FREE_WRITE: Transport = { name: 'free write', vcpuNs: V, deliveryNs: D, needsLock: false, source: 'test' };
export const LOCKED_WRITE: Transport = { ...FREE_WRITE, name: 'locked write', needsLock: true };

/** Every step takes what T says, but for `changed`; the backend completes everything at once, or `batch` commands. */
export class ConstantService implements ServiceTimes {
  private readonly of: Readonly<Record<keyof typeof T, number>>;
  private readonly batch: number;

  constructor(changed: Partial<Record<keyof typeof T, number>> = {}, batch = Infinity) {
    this.of = { ...T, ...changed };
    this.batch = batch;
  }

  wakeNs(): number {
    return this.of.wake;
  }

  fetchNs(): number {
    return this.of.fetch;
  }

  backendNs(): number {
    return this.of.backend;
  }

  backendBatch(inFlight: number): number {
    return Math.min(inFlight, this.batch);
  }

  completeNs(): number {
    return this.of.complete;
  }

  interruptNs(): number {
    return this.of.interrupt;
  }

  handlerNs(): number {
    return this.of.handler;
  }

  busyHandlerNs(): number {
    return this.of.busyHandler;
  }

  pendingHandlerNs(): number {
    return this.of.pendingHandler;
  }

  lockWakeNs(): number {
    return this.of.lockWake;
  }

  kickNs(): number {
    return this.of.kick;
  }

  handlerTailNs(): number {
    return this.of.handlerTail;
  }

  perCompletionNs(): number {
    return this.of.perCompletion;
  }
}

/** Submits the given batches one after the other. */
export class FixedWork implements Work {
  readonly window: number;
  readonly startNs: number;
  private readonly batches: Iterator<number, undefined>;
  private readonly think: { readonly afterSubmit: number; readonly afterReap: number };

  constructor(batches: readonly number[], window: number, { startNs = 0, ...think }: Partial<typeof THINK & { startNs: number }> = {}) {
    this.batches = batches[Symbol.iterator]() as Iterator<number, undefined>;
    this.window = window;
    this.startNs = startNs;
    this.think = { ...THINK, ...think };
  }

  nextBatch(): number {
    return this.batches.next().value ?? 0;
  }

  thinkAfterSubmitNs(): number {
    return this.think.afterSubmit;
  }

  thinkAfterReapNs(): number {
    return this.think.afterReap;
  }
}

/** One command at a time, `n` times. */
export function oneByOne(n: number): FixedWork {
  return new FixedWork(Array.from({ length: n }, () => 1), 1);
}

/** One command at a time, and a millisecond of thought after each: `n` ms at least. */
export function leisurely(n: number): FixedWork {
  return new FixedWork(Array.from({ length: n }, () => 1), 1, { afterReap: 1_000_000 });
}

export const QEMU = DEVICES[0]!;
export const BATCHED = DRIVERS.find(({ name }) => name === 'linux-batched')!;
export const PER_COMMAND = DRIVERS.find(({ name }) => name === 'linux-per-command')!;

/** Never preempts: on a core of its own a thread runs at once, on a shared one it waits. */
export const PATIENT_HOST: HostOptions = {
  cores: 64,
  loopWeight: 1,
  balanceScaleNs: 150_000,
  balanceLimitNs: 1_500_000,
  quantumNs: 3_000_000,
  draw: () => 0.999_999,
};

export interface QueueOptions {
  readonly work: Work;
  readonly qid?: number;
  readonly sqDepth?: number;
  readonly cqDepth?: number;
  readonly polled?: boolean;
}

export interface Run extends MachineResult {
  readonly events: readonly PlainEvent[];
}

/** Runs a machine: unless said otherwise Linux on QEMU with shadow doorbells off, a core for each thread, depth 64. */
export function run(queues: readonly QueueOptions[], options: Partial<Omit<MachineOptions, 'queues' | 'writer'>> = {}): Run {
  const events: PlainEvent[] = [];
  const writer = new EventWriter((batch) => events.push(...plainEvents(batch)));
  const result = runMachine({
    shadow: false,
    driver: BATCHED,
    device: QEMU,
    sqPolicy: followTail,
    cqPolicy: cqFollowHead,
    transport: FREE_WRITE,
    costs: COSTS,
    host: PATIENT_HOST,
    service: new ConstantService(),
    maxEvents: 1_000_000,
    ...options,
    queues: queues.map(({ work, qid, sqDepth = 64, cqDepth = sqDepth, polled = false }, i) => ({
      work,
      spec: { qid: qid ?? i + 1, sqDepth, cqDepth, polled },
    })),
    writer,
  });
  return { ...result, events };
}

/** The times of the events of a kind, of one side or both, of one queue or all. */
export function times({ events }: Run, kind: KindName, { side, qid }: { side?: 'sq' | 'cq'; qid?: number } = {}): readonly number[] {
  const sideNumber = { sq: SIDE_SQ, cq: SIDE_CQ };
  return events
    .filter((e) => e.kind === KIND[kind] && (side === undefined || e.side === sideNumber[side]) && (qid === undefined || e.queue === qid))
    .map(({ timeNs }) => timeNs);
}

/** Register writes of each side. */
export function rings(result: Run): { readonly sq: number; readonly cq: number } {
  return { sq: times(result, 'doorbell.mmio', { side: 'sq' }).length, cq: times(result, 'doorbell.mmio', { side: 'cq' }).length };
}
