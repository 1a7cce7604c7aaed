// One cell of a sweep: one run of one trace under one configuration and one seed.

import type { CqPolicy, SqPolicy } from '../../model/policy/policy.js';
import { LatencyCounter } from '../../metrics/latency.js';
import { runOnce } from '../../replay/run.js';
import { ensure } from '../../base/assert.js';
import { configurationOf } from '../catalogue.js';
import type { PreparedTrace } from './prepared.js';

export interface CellOrder {
  /** SHA-256 of the trace, which was taken over before. */
  readonly trace: string;
  readonly driver: string | undefined;
  readonly device: string | undefined;
  readonly transport: string | undefined;
  readonly policy: string;
  readonly cqPolicy: string;
  readonly seed: number;
  /** Draw anew what the recording can't tell; otherwise it is as likely as can be. */
  readonly vary: boolean;
}

/** What a cell measured; times in ns, register writes with those of the part that isn't replayed. */
export interface CellResult {
  readonly commands: number;
  readonly sqMmio: number;
  readonly cqMmio: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly durationNs: number;
  readonly devicePollNs: number;
  readonly deviceBusyNs: number;
  readonly vcpuDoorbellNs: number;
  readonly runaway: boolean;
  /** Where work stood still, in words; empty when it didn't. */
  readonly stalls: readonly string[];
}

/** Runs cells of the traces that it took over. */
export class CellRunner {
  private readonly prepared = new Map<string, PreparedTrace>();

  /** Takes a trace over; the last one is forgotten. */
  take(trace: string, prepared: PreparedTrace): void {
    this.prepared.clear();
    this.prepared.set(trace, prepared);
  }

  /** @param own policies of the user's, in place of those named */
  run(order: CellOrder, ownSq?: SqPolicy, ownCq?: CqPolicy): CellResult {
    const { driver, device, transport, policy, cqPolicy, seed, vary } = order;
    const { calibration, host, leftOut, queues } = ensure(this.prepared.get(order.trace), `trace ${order.trace} in this thread`);
    const configuration = configurationOf({ shadow: true, driver, device, transport, policy: ownSq ?? policy, cqPolicy: ownCq ?? cqPolicy });
    const counter = new LatencyCounter();
    const run = runOnce({ calibration, host, log: { queues } }, configuration, seed, (batch) => counter.push(batch), { vary });
    const latency = counter.result();
    return {
      commands: run.commands + leftOut.commands,
      sqMmio: run.doorbells.mmio.sq + leftOut.mmio.sq,
      cqMmio: run.doorbells.mmio.cq + leftOut.mmio.cq,
      p50Ns: latency.quantile(0.5),
      p99Ns: latency.quantile(0.99),
      durationNs: run.durationNs,
      devicePollNs: run.devicePollingNs,
      deviceBusyNs: run.deviceBusyNs,
      vcpuDoorbellNs: run.vcpuDoorbellNs,
      runaway: run.runaway,
      stalls: run.stalls.map(({ qid, what, waiting }) => `queue ${qid}: ${what} (${waiting})`),
    };
  }
}
