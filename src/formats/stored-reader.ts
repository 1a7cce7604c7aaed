// Reads a stored stream in pieces of known size.

/** One pass over a stored stream. */
export class StoredReader {
  /** Position in the stored stream. */
  position = 0;
  private readonly stored: AsyncIterator<Uint8Array>;
  private chunk: Buffer = Buffer.alloc(0);

  constructor(stored: AsyncIterable<Uint8Array>) {
    this.stored = stored[Symbol.asyncIterator]();
  }

  /** The next `bytes` bytes, or fewer at the end of the stream; they stay valid. */
  async take(bytes: number): Promise<Buffer> {
    const taken = Buffer.alloc(bytes);
    let length = 0;
    while (length < bytes && (await this.fill())) {
      const copied = this.chunk.copy(taken, length);
      this.chunk = this.chunk.subarray(copied);
      length += copied;
    }
    this.position += length;
    return taken.subarray(0, length);
  }

  /** Steps over `bytes` bytes; false when the stream ends before. */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes;
    while (left > 0 && (await this.fill())) {
      const skipped = Math.min(left, this.chunk.length);
      this.chunk = this.chunk.subarray(skipped);
      left -= skipped;
      this.position += skipped;
    }
    return left === 0;
  }

  /** Reads the rest, for the hash over it. */
  async drain(): Promise<void> {
    await this.skip(Infinity);
  }

  async close(): Promise<void> {
    await this.stored.return?.();
  }

  private async fill(): Promise<boolean> {
    while (this.chunk.length === 0) {
      const next = await this.stored.next();
      if (next.done === true) return false;
      this.chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
}
