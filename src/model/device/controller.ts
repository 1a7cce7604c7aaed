// A device: its threads, each with its queues, and what comes from the bus to them.

import type { Side } from '../../nvme/doorbell.js';
import { freeEntries } from '../../nvme/ring.js';
import type { BusTarget } from '../bus.js';
import type { DoorbellBuffers } from '../memory.js';
import type { QueuePair } from '../queue-pair.js';
import { type DeviceOptions, Lane } from './lane.js';

export class Controller implements BusTarget {
  private readonly options: DeviceOptions;
  /** See Transport. */
  private readonly carriesValue: boolean;
  private readonly notifies: boolean;
  private readonly lanes: readonly Lane[];
  /** The lane of each pair, by its place. */
  private readonly laneOf: readonly Lane[];

  /** @param options the buffers that the policies have then are in use from the start */
  constructor(options: DeviceOptions) {
    const { model, pairs, transport } = options;
    this.options = options;
    this.carriesValue = transport.carriesValue !== false;
    this.notifies = transport.notifies !== false;
    const groups = model.threads === 'one per queue' ? pairs.map((pair) => [pair]) : [pairs];
    this.lanes = groups.map((group) => new Lane({ ...options, pairs: group }));
    this.laneOf = pairs.map((pair) => this.lanes[groups.findIndex((group) => group.includes(pair))]!);
    this.arm(0);
  }

  /** Time that its threads were at work, in ns. */
  get busyNs(): number {
    return this.lanes.reduce((total, { executor }) => total + executor.busyNs, 0);
  }

  /** How many of its threads poll: each has a core to itself all the time. */
  get pollers(): number {
    return this.lanes.filter(({ executor }) => executor.polls).length;
  }

  doorbell(pair: QueuePair, side: Side, written: number, nowNs: number): void {
    pair.looked(side, nowNs);
    const { policies } = this.options;
    const lane = this.laneFor(pair);
    // Without a shadow doorbell to read the value from, such a transport isn't set up, and the write is trapped.
    const value = !this.carriesValue && policies.hasBuffers ? policies.peek(pair, side) : written;
    const noticed = this.notifies || lane.executor.polls;
    if (side === 'sq') {
      pair.sq.seen = value;
      if (noticed) lane.fetcher.schedule(pair, nowNs);
      return;
    }
    const wasFull = freeEntries(pair.cq.seen, pair.cq.position, pair.cqDepth) === 0;
    pair.cq.seen = value;
    if (noticed) lane.headMoved(pair, wasFull, nowNs);
  }

  kickNs(pair: QueuePair, side: Side, nowNs: number): number {
    const { executor, fetcher } = this.laneFor(pair);
    return side === 'sq' && this.notifies && !fetcher.isPolling ? executor.kickNs(nowNs) : 0;
  }

  /** Time that policies made its threads poll in vain until now, over all of them, in ns. */
  pollingNs(nowNs: number): number {
    return this.lanes.reduce((total, lane) => total + lane.pollingNs(nowNs), 0);
  }

  /** The driver stored a shadow doorbell that the device knows of. */
  stored(pair: QueuePair, side: Side, nowNs: number): void {
    this.laneFor(pair).stored(pair, side, nowNs);
  }

  /** It takes doorbell buffers while the queues are in use. */
  configure(buffers: DoorbellBuffers, nowNs: number): void {
    const { model, pairs, policies } = this.options;
    policies.use(buffers);
    const does = model.atConfig ?? [];
    for (const [word, view] of pairs.flatMap(({ sq, sqWord, cq, cqWord }) => [[sqWord, sq], [cqWord, cq]] as const)) {
      if (does.includes('writes its indexes')) buffers.shadow[word] = view.seen;
      if (!does.includes('publishes them')) continue;
      buffers.eventIdx[word] = view.seen;
      view.published = view.seen;
    }
    this.arm(nowNs);
    if (!does.includes('looks at its queues') && model.pollNs === undefined) return;
    for (const pair of pairs) this.laneFor(pair).fetcher.schedule(pair, nowNs);
  }

  /** A controller reset: doorbell buffers and whatever it knew of its queues are forgotten. */
  reset(): void {
    this.options.policies.use(undefined);
    for (const lane of this.lanes) lane.reset(this.options.clock.nowNs);
  }

  /** What the policies do when the buffers are taken; a poller has looked at its queues before anything is in them. */
  private arm(nowNs: number): void {
    const { model, pairs, policies } = this.options;
    for (const pair of pairs) {
      policies.run(policies.cq.onConfig, pair, 'cq', nowNs);
      if (model.pollNs !== undefined) policies.run(policies.sq.onStart, pair, 'sq', nowNs);
    }
  }

  private laneFor(pair: QueuePair): Lane {
    return this.laneOf[pair.place]!;
  }
}
