// Random loads on random machines: any policies, drivers, transports, hosts and depths.

import * as fc from 'fast-check';
import { Rng } from '../../src/base/rng.js';
import { CQ_POLICIES } from '../../src/model/policy/catalogue.js';
import type { CqPolicy, SqPolicy } from '../../src/model/policy/policy.js';
import type { ServiceTimes } from '../../src/model/service.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import { ROBUST_SQ } from './policies.js';
import { BATCHED, FixedWork, PATIENT_HOST, PER_COMMAND, QEMU, type Run, run } from './machine.js';

/** Service times that are drawn anew for each step, now short, now long. */
class RandomService implements ServiceTimes {
  private readonly rng: Rng;

  constructor(seed: number) {
    this.rng = new Rng(seed, 'service');
  }

  wakeNs = (): number => this.upTo(20_000);
  fetchNs = (): number => this.upTo(5_000);
  backendNs = (): number => this.upTo(60_000);
  completeNs = (): number => this.upTo(3_000);
  interruptNs = (): number => this.upTo(6_000);
  handlerNs = (): number => this.upTo(30_000);
  busyHandlerNs = (): number => this.upTo(10_000);
  pendingHandlerNs = (): number => this.upTo(10_000);
  handlerTailNs = (): number => this.upTo(4_000);
  perCompletionNs = (): number => this.upTo(2_000);
  lockWakeNs = (): number => this.upTo(25_000);
  kickNs = (): number => 0;
  backendBatch = (inFlight: number): number => 1 + this.rng.below(inFlight);

  private upTo(ns: number): number {
    return this.rng.below(ns + 1);
  }
}

export interface Load {
  readonly seed: number;
  readonly shadow: boolean;
  readonly driver: typeof BATCHED;
  /** By default QEMU's, if it took the driver's buffers. */
  readonly device?: typeof QEMU;
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly cores: number;
  readonly queues: readonly {
    readonly depth: number;
    readonly batches: readonly number[];
    readonly window: number;
    readonly afterSubmit: number;
    readonly afterReap: number;
  }[];
}

const queue = fc
  .oneof(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 70 }))
  .chain((depth) =>
    fc.record({
      depth: fc.constant(depth),
      batches: fc.array(fc.integer({ min: 1, max: Math.min(depth - 1, 20) }), { maxLength: 25 }),
      window: fc.integer({ min: 1, max: depth + 3 }),
      afterSubmit: fc.nat(20_000),
      afterReap: fc.nat(40_000),
    }),
  );

export const load: fc.Arbitrary<Load> = fc.record({
  seed: fc.nat(1_000_000),
  shadow: fc.boolean(),
  driver: fc.constantFrom(BATCHED, PER_COMMAND),
  sqPolicy: fc.constantFrom(...ROBUST_SQ),
  cqPolicy: fc.constantFrom(...CQ_POLICIES),
  transport: fc.constantFrom(...TRANSPORTS.filter(({ notifies }) => notifies !== false)),
  cores: fc.integer({ min: 1, max: 5 }),
  queues: fc.array(queue, { minLength: 1, maxLength: 4 }),
});

/** Runs it on a device that takes the driver's buffers. @param cqDepth of every CQ; default: as its SQ */
export function play({ seed, cores, queues, ...rest }: Load, cqDepth?: number): Run {
  const rng = new Rng(seed, 'host');
  return run(
    queues.map(({ depth, batches, window, ...think }) => ({
      work: new FixedWork(batches, window, think),
      sqDepth: depth,
      cqDepth: cqDepth ?? depth,
    })),
    { device: { ...QEMU, accepts: rest.driver.buffers.command }, ...rest, host: { ...PATIENT_HOST, cores, quantumNs: 50_000, draw: () => rng.unit() }, service: new RandomService(seed) },
  );
}
