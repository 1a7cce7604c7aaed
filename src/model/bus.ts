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

/** Who writes a register. */
export interface Writer {
  /**
   * The device takes its write, which left the guest at `arrivedNs`, and which takes the vCPU `costNs` more; it holds the lock for so
   * long.
   */
  taken(arrivedNs: number, takenNs: number, costNs: number): void;
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
  /** What a register write takes the vCPU until it has left the guest, in ns; the device's lock is needed then. */
  readonly deliveryNs: number;
  /** Whether a register write waits for the device's lock. */
  readonly needsLock: boolean;
  private readonly clock: Clock;
  private readonly device: BusTarget;
  private readonly lock: DeviceLock | undefined;
  private readonly actor: number;
  /** What it takes the vCPU behind that, in ns. */
  private readonly restNs: number;

  constructor({ clock, transport, lock, pairs, device, recorder }: BusOptions) {
    // A value that arrives after newer ones were read from the shadow doorbell would take the device back.
    assert(transport.deliveryNs <= transport.vcpuNs, `transport ${transport.name} delivers a write after the vCPU went on`);
    this.deliveryNs = transport.deliveryNs;
    this.restNs = transport.vcpuNs - transport.deliveryNs;
    this.needsLock = transport.needsLock && lock !== undefined;
    this.clock = clock;
    this.device = device;
    this.lock = lock;
    this.actor = clock.addActor((message, nowNs) => {
      const side = ((message >> SIDE_BIT) & 1) === SIDE_CQ ? 'cq' : 'sq';
      const pair = pairs[message >> PAIR_SHIFT]!;
      recorder.mmio(pair.qid, side, message & 0xffff, nowNs);
      device.doorbell(pair, side, message & 0xffff, nowNs);
    });
  }

  /** A register write with a queue side's current value has left the guest. */
  arrive(pair: QueuePair, side: Side, nowNs: number, writer: Writer): void {
    const value = side === 'sq' ? pair.sqTail : pair.cqHead;
    const sideBit = (side === 'cq' ? SIDE_CQ : SIDE_SQ) << SIDE_BIT;
    const message = (pair.place << PAIR_SHIFT) | sideBit | value;
    if (this.needsLock) this.lock!.acquire((takenNs) => this.take(pair, side, message, nowNs, takenNs, writer), nowNs);
    else this.take(pair, side, message, nowNs, nowNs, writer);
  }

  /** Returns what the write takes the vCPU from now on, in ns. */
  private take(pair: QueuePair, side: Side, message: number, arrivedNs: number, takenNs: number, writer: Writer): number {
    const costNs = this.restNs + this.device.kickNs(pair, side, takenNs);
    this.clock.at(takenNs, this.actor, message);
    writer.taken(arrivedNs, takenNs, costNs);
    return costNs;
  }
}
