// The bus: carries doorbell register writes from the driver to the device, at the transport's cost.

import { SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { Side } from '../nvme/doorbell.js';
import type { Clock } from './clock.js';
import type { QueuePair } from './queue-pair.js';
import type { Recorder } from './recorder.js';
import type { Transport } from './transport.js';

/** Takes a register write when it arrives at the device. */
export type DoorbellHandler = (pair: QueuePair, side: Side, value: number, nowNs: number) => void;

// A write in transit is one message: value in bits 0..15, side in bit 16, the pair's place in `pairs` above.
const SIDE_BIT = 16;
const PAIR_SHIFT = 17;

export class Bus {
  private readonly clock: Clock;
  private readonly transport: Transport;
  private readonly recorder: Recorder;
  private readonly actor: number;
  private readonly placeOf: ReadonlyMap<QueuePair, number>;

  constructor(
    clock: Clock,
    transport: Transport,
    recorder: Recorder,
    pairs: readonly QueuePair[],
    deliver: DoorbellHandler,
  ) {
    this.clock = clock;
    this.transport = transport;
    this.recorder = recorder;
    this.placeOf = new Map(pairs.map((pair, place) => [pair, place]));
    this.actor = clock.addActor((message, nowNs) => {
      const side = (message >> SIDE_BIT) & 1;
      deliver(pairs[message >> PAIR_SHIFT]!, side === SIDE_CQ ? 'cq' : 'sq', message & 0xffff, nowNs);
    });
  }

  /** The driver writes a doorbell register: returns the vCPU's time in ns; the device sees it after the delivery time. */
  ring(pair: QueuePair, side: Side, value: number, nowNs: number): number {
    this.recorder.mmio(pair.qid, side, value, nowNs);
    const place = this.placeOf.get(pair)!;
    const sideBit = (side === 'cq' ? SIDE_CQ : SIDE_SQ) << SIDE_BIT;
    this.clock.at(nowNs + this.transport.deliveryNs, this.actor, (place << PAIR_SHIFT) | sideBit | value);
    return this.transport.vcpuNs;
  }
}
