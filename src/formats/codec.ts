// What a compression is to the sources: recognised by its first bytes, undone as a stream.

export interface Codec {
  readonly name: string;
  /** The bytes that every stream of it begins with. */
  readonly magic: readonly number[];
  /**
   * The decompressed chunks of a stored stream. Reads the stored stream to its end. When the data are damaged it
   * first yields what could be decompressed, then throws DamagedData.
   */
  decompress(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
}

/** Compressed data that end too early, are corrupt, or are followed by something else. */
export class DamagedData extends Error {
  /** Position in the stored stream up to which it could be read. */
  readonly storedByte: number;

  constructor(reason: string, storedByte: number, cause?: unknown) {
    super(reason, { cause });
    this.name = 'DamagedData';
    this.storedByte = storedByte;
  }
}
