// The doorbell words as the driver reaches them. They are shared with the device if all goes well; the buffers may also have
// been freed, or be too small, and then somebody else writes there; and they may be in the wrong byte order.
//
// What the driver stores is visible at once, unless the scenario has a store buffer: a store then stays there for a while, and a
// barrier that orders loads alone doesn't empty it. The driver itself reads its own stores back.

import type { Side } from '../../nvme/doorbell.js';
import type { Clock } from '../clock.js';
import type { Hazards } from '../hazards.js';
import type { DoorbellBuffers } from '../memory.js';
import type { QueuePair } from '../queue-pair.js';
import type { BufferCare } from './driver.js';

export interface DriverMemoryOptions {
  readonly clock: Clock;
  readonly care: BufferCare;
  readonly hazards: Hazards;
  /** Highest queue that the buffers have room for. */
  readonly maxQid: number;
  readonly bigEndianHost: boolean;
  /** How long a store stays in the store buffer, in ns; 0: there is none. */
  readonly storeBufferNs: number;
  /** Whether the device is one for which a driver of the 2014 kind pays barriers. */
  readonly hasVendor: boolean;
  /** A number in [0, 1): what somebody else writes. */
  readonly draw: () => number;
  /** A store is visible. */
  readonly stored: (pair: QueuePair, side: Side, nowNs: number) => void;
}

interface Store {
  readonly pair: QueuePair;
  readonly side: Side;
  readonly word: number;
  readonly value: number;
}

const WORD_VALUES = 2 ** 32;

export class DriverMemory {
  private readonly options: DriverMemoryOptions;
  private readonly actor: number;
  private buffers: DoorbellBuffers | undefined;
  private freed = false;
  /** Stores that aren't visible yet, oldest first; and how many events of theirs were made void by a drain. */
  private readonly buffered: Store[] = [];
  private drained = 0;
  /** What the announcement at hand is about. */
  private pair: QueuePair | undefined;
  private side: Side = 'sq';
  private word = 0;

  constructor(options: DriverMemoryOptions) {
    this.options = options;
    this.actor = options.clock.addActor((_, nowNs) => {
      if (this.drained > 0) {
        this.drained -= 1;
        return;
      }
      const { pair, side, word, value } = this.buffered.shift()!;
      this.makeVisible(pair, side, word, value, nowNs);
    });
  }

  /** Queues use these buffers from now on. */
  use(buffers: DoorbellBuffers | undefined): void {
    this.buffers = buffers;
    this.freed = false;
  }

  /** The buffers are freed, and the queues go on with them. */
  useFreed(buffers: DoorbellBuffers): void {
    this.buffers = buffers;
    this.freed = true;
  }

  /** Whether buffers are in use that belong to the driver. */
  get isInUse(): boolean {
    return this.buffers !== undefined && !this.freed;
  }

  /** Begins an announcement; false when the queue has no shadow doorbell. */
  begin(pair: QueuePair, side: Side, nowNs: number): boolean {
    const { care, draw, hasVendor, hazards } = this.options;
    const { buffers } = this;
    if (buffers === undefined) {
      if (hasVendor && care.barriers === 'with the vendor') hazards.add('barrier without need', pair.qid, nowNs);
      return false;
    }
    this.pair = pair;
    this.side = side;
    this.word = side === 'sq' ? pair.sqWord : pair.cqWord;
    if (this.freed) hazards.add('freed doorbell memory used', pair.qid, nowNs);
    else if (this.isBeyond(pair)) hazards.add('doorbell memory used beyond its end', pair.qid, nowNs);
    else return true;
    // Its new owner has written there meanwhile.
    buffers.shadow[this.word] = Math.floor(draw() * WORD_VALUES);
    buffers.eventIdx[this.word] = Math.floor(draw() * WORD_VALUES);
    return true;
  }

  loadOld(): number {
    const own = this.buffered.length === 0 ? undefined : this.buffered.findLast(({ word }) => word === this.word);
    return this.fromMemory(own === undefined ? this.buffers!.shadow[this.word]! : own.value) & 0xffff;
  }

  loadEventIdx(): number {
    return this.fromMemory(this.buffers!.eventIdx[this.word]!) & 0xffff;
  }

  store(value: number, nowNs: number): void {
    const { clock, storeBufferNs } = this.options;
    const inMemory = this.fromMemory(value);
    if (storeBufferNs === 0) {
      this.makeVisible(this.pair!, this.side, this.word, inMemory, nowNs);
      return;
    }
    this.buffered.push({ pair: this.pair!, side: this.side, word: this.word, value: inMemory });
    clock.at(nowNs + storeBufferNs, this.actor, 0);
  }

  /** Everything that was stored is visible. */
  drain(nowNs: number): void {
    if (this.buffered.length === 0) return;
    this.drained += this.buffered.length;
    for (const { pair, side, word, value } of this.buffered.splice(0)) this.makeVisible(pair, side, word, value, nowNs);
  }

  /** Ends an announcement: where others write, what was stored doesn't last. */
  end(): void {
    if (this.buffers === undefined || !(this.freed || this.isBeyond(this.pair!))) return;
    this.buffers.shadow[this.word] = Math.floor(this.options.draw() * WORD_VALUES);
  }

  /** The driver is unloaded. */
  unload(nowNs: number): void {
    const { care, hazards } = this.options;
    if (this.isInUse && care.atUnload === 'leaked') hazards.add('doorbell memory never freed', 0, nowNs);
  }

  private isBeyond(pair: QueuePair): boolean {
    return pair.qid > this.options.maxQid;
  }

  private makeVisible(pair: QueuePair, side: Side, word: number, value: number, nowNs: number): void {
    if (this.buffers === undefined) return;
    this.buffers.shadow[word] = value;
    this.options.stored(pair, side, nowNs);
  }

  /** Between what the host computes with and what lies in memory; the same both ways. */
  private fromMemory(value: number): number {
    const { bigEndianHost, care } = this.options;
    if (!bigEndianHost || care.byteOrder === 'little-endian') return value;
    return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
  }
}
