// One cell of a sweep: one run of one trace under one configuration and one seed.

import type { CqPolicy, SqPolicy } from '../../model/policy/policy.js';
import { runOnce } from '../../replay/run.js';
import { openStoreForReading } from '../../store/open.js';
import { configurationOf } from '../catalogue.js';
import { type Replayable, readReplayable } from '../subject.js';

export interface CellOrder {
  readonly db: string;
  /** SHA-256 of the trace. */
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

/** Runs cells; the trace of the last one is kept ready. */
export class CellRunner {
  private ready: { readonly key: string; readonly replayable: Replayable } | undefined;

  /** @param own policies of the user's, in place of those named */
  run(order: CellOrder, ownSq?: SqPolicy, ownCq?: CqPolicy): CellResult {
    const { driver, device, transport, policy, cqPolicy, seed, vary } = order;
    const { subject, part } = this.replayableOf(order);
    const configuration = configurationOf({ shadow: true, driver, device, transport, policy: ownSq ?? policy, cqPolicy: ownCq ?? cqPolicy });
    const run = runOnce(subject, configuration, seed, undefined, { vary });
    const { commands, mmio } = part.leftOut;
    return {
      commands: run.commands + commands,
      sqMmio: run.doorbells.mmio.sq + mmio.sq,
      cqMmio: run.doorbells.mmio.cq + mmio.cq,
      p50Ns: run.latency.quantile(0.5),
      p99Ns: run.latency.quantile(0.99),
      durationNs: run.durationNs,
      devicePollNs: run.devicePollNs,
      deviceBusyNs: run.deviceBusyNs,
      vcpuDoorbellNs: run.vcpuDoorbellNs,
      runaway: run.runaway,
      stalls: run.stalls.map(({ qid, what, waiting }) => `queue ${qid}: ${what} (${waiting})`),
    };
  }

  private replayableOf({ db, trace }: CellOrder): Replayable {
    const key = `${db}\n${trace}`;
    if (this.ready?.key === key) return this.ready.replayable;
    this.ready = undefined;
    const store = openStoreForReading(db);
    try {
      const replayable = readReplayable(store, trace);
      this.ready = { key, replayable };
      return replayable;
    } finally {
      store.close();
    }
  }
}
