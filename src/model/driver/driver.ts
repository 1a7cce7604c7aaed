// What a driver model is: how it announces, in which portions, how it finds completions, and what it does with its doorbell
// buffers. A driver is data: the same announcement steps are run by the replay and explored by the verifier.

import type { ConfigCommand } from '../device/device.js';

/** One memory access or decision of an announcement. */
export type AnnounceStep = 'load-old' | 'store-shadow' | 'full-barrier' | 'read-barrier' | 'load-eventidx' | 'ring-if-needed';

/** What a driver does with its doorbell buffers, beyond announcements. */
export interface BufferCare {
  /** The admin command by which it hands them over. */
  readonly command: ConfigCommand;
  /** What happens to the queues' pointers when the device refuses: without them, every announcement is a register write. */
  readonly onRefusal: 'drops the pointers' | 'goes on with freed memory';
  /** When the queues begin to use them. */
  readonly inUse: 'once accepted' | 'before the command';
  /** What a controller reset does to the words, and when the command is sent again. */
  readonly onReset: {
    readonly words: 'cleared' | 'kept';
    readonly command: 'sent before I/O' | 'sent when the first I/O is done' | 'never sent again';
  };
  /** How many queues the buffers have room for. */
  readonly sizedBy: 'queues' | 'CPUs online at load';
  /** Whether values are little-endian in memory whatever the host. */
  readonly byteOrder: 'little-endian' | 'the host\'s own';
  /** Whether they are freed when the driver is unloaded. */
  readonly atUnload: 'freed' | 'leaked';
  /** Whether barriers are also paid where no shadow doorbells are in use. */
  readonly barriers: 'with shadow doorbells' | 'with the vendor';
}

export interface DriverModel {
  readonly name: string;
  /** Versions and functions that it follows. */
  readonly source: string;
  /** Announce a batch once, as far as the ring allows; otherwise announce every command. */
  readonly batched: boolean;
  /** Of a batching driver: commands that one announcement carries at most. */
  readonly batchLimit?: number;
  /** Completions after which the CQ head is announced, 1 or more; default: once per pass. */
  readonly cqBatch?: number;
  /** Whether a batch goes into the queue last command first. */
  readonly reversesBatches?: boolean;
  /** Whether submissions are announced when the driver next looks for completions, not when they are made. */
  readonly delaysAnnouncements?: boolean;
  /** Whether it never uses interrupts, but looks for completions when it can't go on. */
  readonly polls?: boolean;
  /** Steps of one announcement under shadow doorbells, in program order. */
  readonly announce: readonly AnnounceStep[];
  /** Whether passing from `oldValue` to `newValue` must ring, given the event index. */
  readonly ringNeeded: (eventIdx: number, newValue: number, oldValue: number) => boolean;
  readonly buffers: BufferCare;
}
