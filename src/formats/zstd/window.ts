// The content of a zstd frame as far as matches may still reach back to it.
// Memory: the frame's window, a quarter of it more, and at least a block; kept for the next frame.

import type { BlockOutput } from './block.js';
import { MAX_BLOCK_BYTES } from './header.js';
import type { FrameHeader } from './header.js';

/** Content moves down once for each quarter of a window: four bytes moved for each that is written, at memcpy's speed. */
const SLACK = 0.25;
/** A frame gets this much at first, and twice as much as it fills it: what a header only claims takes no memory. */
const FIRST_BYTES = 4 * MAX_BLOCK_BYTES;

/** Gives blocks room to write to, behind what they may refer to. One belongs to one stream. */
export class SlidingWindow {
  private buffer = Buffer.alloc(FIRST_BYTES);
  private used = 0;
  private windowBytes = 0;
  private maxBlockBytes = 0;

  /** Forgets the content of the frame before. */
  beginFrame({ windowBytes, maxBlockBytes }: FrameHeader): void {
    this.used = 0;
    this.windowBytes = windowBytes;
    this.maxBlockBytes = maxBlockBytes;
  }

  /** Room for the next block; content that was taken before is no longer valid. */
  room(): BlockOutput {
    if (this.used + this.maxBlockBytes > this.buffer.length) this.makeRoom();
    const { buffer: target, windowBytes, used: from } = this;
    return { target, origin: 0, windowBytes, from, limit: from + this.maxBlockBytes };
  }

  /** The content of the block that was decoded into the room and ends at `end`. */
  take(end: number): Uint8Array {
    const content = this.buffer.subarray(this.used, end);
    this.used = end;
    return content;
  }

  private makeRoom(): void {
    const most = Math.ceil(this.windowBytes * (1 + SLACK)) + MAX_BLOCK_BYTES;
    const kept = this.buffer.subarray(Math.max(0, this.used - this.windowBytes), this.used);
    if (this.buffer.length < most) this.buffer = Buffer.alloc(Math.min(most, 2 * this.buffer.length));
    kept.copy(this.buffer);
    this.used = kept.length;
  }
}
