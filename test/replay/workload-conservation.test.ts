// Whatever is described: nothing is lost, made twice, or out of order, and the same seed gives the same run.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { CQ_POLICIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import type { Configuration } from '../../src/replay/run.js';
import { type Workload, mostCommands } from '../../src/replay/workload/workload.js';
import { runWorkload } from '../../src/replay/workload/what-if.js';
import type { EventBatch } from '../../src/trace/batch.js';
import { holds } from '../support/property.js';
import { described } from '../support/workloads.js';

const duration = fc.nat(30_000).map((ns) => `${ns}ns`);
const distribution = fc.oneof(
  duration,
  fc.tuple(fc.nat(9_000), fc.nat(9_000)).map(([low, more]) => ({ uniform: [`${low}ns`, `${low + more}ns`] })),
  fc.integer({ min: 1, max: 20_000 }).map((ns) => ({ exponential: `${ns}ns` })),
  fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.nat(90_000)).map(([median, more]) => ({ lognormal: { median: `${median}ns`, p99: `${median + more}ns` } })),
  fc.array(duration, { minLength: 1, maxLength: 4 }).map((values) => ({ values })),
);

const job = fc
  .integer({ min: 1, max: 12 })
  .chain((iodepth) =>
    fc.record({
      iodepth: fc.constant(iodepth),
      batch: fc.integer({ min: 1, max: iodepth }),
      count: fc.integer({ min: 1, max: 2 }),
      commands: fc.integer({ min: 1, max: 60 }),
      think: distribution,
      pause: fc.option(fc.record({ every: fc.integer({ min: 1, max: 10 }), for: distribution }), { nil: undefined }),
      mix: fc.constantFrom({ read: 1 }, { read: 3, write: 1 }, { write: 60, flush: 1, trim: 2 }),
      flush_waits: fc.boolean(),
    }),
  );

const workload: fc.Arbitrary<Workload> = fc
  .record({
    jobs: fc.array(job, { minLength: 1, maxLength: 3 }),
    guest: fc.record({ vcpus: fc.integer({ min: 1, max: 4 }), queue_depth: fc.integer({ min: 13, max: 40 }), polled: fc.boolean(), interrupt_busy: distribution }),
    device: fc.record({
      wake: distribution,
      fetch: distribution,
      complete: distribution,
      service: fc.record({ read: distribution, write: distribution, flush: distribution, trim: distribution }),
      channels: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    }),
    host: fc.record({ cores: fc.integer({ min: 1, max: 6 }) }),
  })
  .map((file) => described(file));

/** A device with its own policies; with register writes under any transport that wakes it. */
const configuration: fc.Arbitrary<Configuration> = fc.oneof(
  fc.record({
    shadow: fc.boolean(),
    driver: fc.constantFrom(...DRIVERS.filter(({ buffers, polls }) => buffers.command === '7Ch' && polls !== true)),
    device: fc.constantFrom(DEVICES[0]!),
    sqPolicy: fc.constantFrom(...SQ_POLICIES),
    cqPolicy: fc.constantFrom(...CQ_POLICIES),
    transport: fc.constantFrom(...TRANSPORTS.filter(({ notifies, carriesValue }) => notifies !== false && carriesValue !== false)),
  }),
  fc
    .constantFrom(...DEVICES.filter(({ accepts, pollNs }) => accepts === '7Ch' && pollNs === undefined))
    .map((device) => ({ shadow: true, driver: DRIVERS[0]!, device, sqPolicy: device.sqPolicy, cqPolicy: device.cqPolicy, transport: TRANSPORTS[0]! })),
);

test('fetched = submitted = completed; rings + suppressed = updates; nothing overruns, and no time goes back', () => {
  holds(
    fc.property(workload, configuration, fc.nat(1000), (some, of, seed) => {
      let lastNs = 0;
      let back = 0;
      const run = runWorkload(some, of, {
        seed,
        measure: true,
        consume: ({ timeNs, length }) => {
          for (let row = 0; row < length; row++) {
            if (timeNs[row]! < lastNs) back += 1;
            lastNs = timeNs[row]!;
          }
        },
      });
      expect(back).toBe(0);
      expect({ stalls: run.stalls, runaway: run.runaway }).toEqual({ stalls: [], runaway: false });
      expect(run.commands).toBe(mostCommands(some));
      const counted = run.doorbells.controllers[0]!.queues;
      expect(counted.reduce((sum, { commands }) => sum + commands, 0)).toBe(run.commands);
      for (const { qid, rings, suppressed } of run.queues) {
        const queue = counted.find((each) => each.qid === qid)!;
        expect(queue.mmio).toEqual(rings);
        if (!of.shadow) expect(suppressed).toEqual({ sq: 0, cq: 0 });
        // No more updates than commands, on either side.
        expect(rings.sq + suppressed.sq).toBeLessThanOrEqual(queue.commands);
        expect(rings.cq + suppressed.cq).toBeLessThanOrEqual(queue.commands);
        if (!of.driver.batched) expect(rings.sq + suppressed.sq).toBe(queue.commands);
      }
      for (const { qid, stages, occupancy } of run.measures!.queues) {
        const { commands } = counted.find((each) => each.qid === qid)!;
        expect(stages.total.count).toBe(commands);
        expect(stages.fetch_to_complete.count).toBe(commands);
        expect(Math.max(occupancy.sq.max, occupancy.device.max, occupancy.cq.max)).toBeLessThan(some.guest.queueDepth);
      }
    }),
    200,
  );
});

test('the same seed gives the same events', () => {
  const hashOf = (some: Workload, of: Configuration, seed: number): string => {
    const hash = createHash('sha256');
    const columns = ['kind', 'timeNs', 'queue', 'side', 'cid', 'value'] as const satisfies readonly (keyof EventBatch)[];
    runWorkload(some, of, { seed, consume: (batch) => columns.forEach((column) => hash.update(Float64Array.from(batch[column].subarray(0, batch.length)))) });
    return hash.digest('hex');
  };
  holds(
    fc.property(workload, configuration, fc.nat(1000), (some, of, seed) => {
      expect(hashOf(some, of, seed)).toBe(hashOf(some, of, seed));
    }),
    40,
  );
});
