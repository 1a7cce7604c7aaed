// The bus: carries doorbell register writes from the driver to the device, at the transport's cost.
// Where the transport needs the device's lock, a write waits for it first.

import { assert } from '../base/assert.js';
import type { Side } from '../nvme/doorbell.js';
import { SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { Clock } from './clock.js';
import type { DeviceLock } from './lock.js';
import type { QueuePair } from './queue-pair.js';
import type { Recorder } from './recorder.js';
import type { Transport } from './transport.js';

/** Takes a register write when it arrives at the device. */
export type DoorbellHandler = (pair: QueuePair, side: Side, value: number, nowNs: number) => void;

// A write in transit is one message: value in bits 0..15, side in bit 16, the pair's place in `pairs` above.
const SIDE_BIT = 16;
const PAIR_SHIFT = 17;

export interface BusOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly lock: DeviceLock;
  readonly recorder: Recorder;
  readonly pairs: readonly QueuePair[];
  readonly deliver: DoorbellHandler;
}

export class Bus {
  private readonly options: BusOptions;
  private readonly actor: number;
  private readonly placeOf: ReadonlyMap<QueuePair, number>;

  constructor(options: BusOptions) {
    const { clock, transport, pairs, deliver } = options;
    // A value that arrives after newer ones were read from the shadow doorbell would take the device back.
    assert(transport.deliveryNs <= transport.vcpuNs, `transport ${transport.name} delivers a write after the vCPU went on`);
    this.options = options;
    this.placeOf = new Map(pairs.map((pair, place) => [pair, place]));
    this.actor = clock.addActor((message, nowNs) => {
      const side = (message >> SIDE_BIT) & 1;
      deliver(pairs[message >> PAIR_SHIFT]!, side === SIDE_CQ ? 'cq' : 'sq', message & 0xffff, nowNs);
    });
  }

  /** The driver writes a queue side's current value to its doorbell register; `done` is called when the write has begun. */
  ring(pair: QueuePair, side: Side, nowNs: number, done: (nowNs: number) => void): void {
    const { transport, lock } = this.options;
    const value = side === 'sq' ? pair.sqTail : pair.cqHead;
    const write = (freeNs: number): void => {
      this.send(pair, side, value, freeNs);
      done(freeNs);
    };
    if (transport.needsLock) lock.whenFree(write, nowNs);
    else write(nowNs);
  }

  private send(pair: QueuePair, side: Side, value: number, nowNs: number): void {
    const { clock, transport, recorder } = this.options;
    recorder.mmio(pair.qid, side, value, nowNs);
    const sideBit = (side === 'cq' ? SIDE_CQ : SIDE_SQ) << SIDE_BIT;
    clock.at(nowNs + transport.deliveryNs, this.actor, (this.placeOf.get(pair)! << PAIR_SHIFT) | sideBit | value);
  }
}
