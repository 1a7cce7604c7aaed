// The bus: carries doorbell register writes from the driver to the device, at the transport's cost.
// Where the transport needs the device's lock, a write waits for it when it has left the guest.

import { assert } from '../base/assert.js';
import type { Side } from '../nvme/doorbell.js';
import { SIDE_CQ, SIDE_SQ } from '../trace/event.js';
import type { Clock } from './clock.js';
import type { DeviceLock } from './lock.js';
import type { QueuePair } from './queue-pair.js';
import type { Recorder } from './recorder.js';
import type { Transport } from './transport.js';

/** The device's end of the bus. */
export interface BusTarget {
  /** Takes a register write when it arrives. */
  doorbell(pair: QueuePair, side: Side, value: number, nowNs: number): void;
  /** What a write that makes the device look at a queue costs the writer on top, in ns: waking a thread that sleeps. */
  kickNs(pair: QueuePair, side: Side, nowNs: number): number;
}

// A write that the device is about to take is one message: value in bits 0..15, side in bit 16, the pair's place in `pairs` above.
const SIDE_BIT = 16;
const PAIR_SHIFT = 17;

export interface BusOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Undefined: the device has no lock that a register write could need. */
  readonly lock: DeviceLock | undefined;
  readonly recorder: Recorder;
  readonly pairs: readonly QueuePair[];
  readonly device: BusTarget;
}

export class Bus {
  private readonly options: BusOptions;
  private readonly actor: number;
  private readonly placeOf: ReadonlyMap<QueuePair, number>;

  constructor(options: BusOptions) {
    const { clock, transport, pairs, device, recorder } = options;
    // A value that arrives after newer ones were read from the shadow doorbell would take the device back.
    assert(transport.deliveryNs <= transport.vcpuNs, `transport ${transport.name} delivers a write after the vCPU went on`);
    this.options = options;
    this.placeOf = new Map(pairs.map((pair, place) => [pair, place]));
    this.actor = clock.addActor((message, nowNs) => {
      const side = ((message >> SIDE_BIT) & 1) === SIDE_CQ ? 'cq' : 'sq';
      const pair = pairs[message >> PAIR_SHIFT]!;
      recorder.mmio(pair.qid, side, message & 0xffff, nowNs);
      device.doorbell(pair, side, message & 0xffff, nowNs);
    });
  }

  /** What a register write takes the vCPU until it has left the guest, in ns; the device's lock is needed then. */
  get deliveryNs(): number {
    return this.options.transport.deliveryNs;
  }

  /** Whether a register write waits for the device's lock. */
  get needsLock(): boolean {
    return this.options.transport.needsLock && this.options.lock !== undefined;
  }

  /**
   * A register write with a queue side's current value has left the guest; `done` is called when the device takes it, with the time
   * that it still takes the vCPU, which holds the lock for so long.
   */
  arrive(pair: QueuePair, side: Side, nowNs: number, done: (nowNs: number, costNs: number) => void): void {
    const { clock, transport, lock, device } = this.options;
    const value = side === 'sq' ? pair.sqTail : pair.cqHead;
    const sideBit = (side === 'cq' ? SIDE_CQ : SIDE_SQ) << SIDE_BIT;
    const write = (takenNs: number): number => {
      const costNs = transport.vcpuNs - transport.deliveryNs + device.kickNs(pair, side, takenNs);
      clock.at(takenNs, this.actor, (this.placeOf.get(pair)! << PAIR_SHIFT) | sideBit | value);
      done(takenNs, costNs);
      return costNs;
    };
    if (this.needsLock) lock!.acquire(write, nowNs);
    else write(nowNs);
  }
}
