// What a compression is to the sources: recognised by its first bytes, undone as a stream.

import { BellwetherError, EXIT } from '../base/errors.js';

/** Bytes of a stream that tell its compression. */
export const MAGIC_BYTES = 6;

export interface Codec {
  readonly name: string;
  /** Whether a stream of it begins with these bytes: MAGIC_BYTES, or all of a shorter source. */
  matches(first: Uint8Array): boolean;
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
  /** For data that are sound and not read: the way out, a sentence. */
  readonly wayOut: string | undefined;

  constructor(reason: string, storedByte: number, { cause, wayOut }: { readonly cause?: unknown; readonly wayOut?: string | undefined } = {}) {
    super(reason, { cause });
    this.name = 'DamagedData';
    this.storedByte = storedByte;
    this.wayOut = wayOut;
  }
}

/** Compressions that are recognised and not undone, with the command that does. */
const REFUSED: readonly { readonly name: string; readonly magic: readonly number[]; readonly command: string }[] = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], command: 'xz -dc' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], command: 'bzip2 -dc' },
  { name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], command: 'lz4 -dc' },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00], command: 'xz -dc' },
  { name: '7z', magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], command: '7z x -so' },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], command: 'unzip -p' },
];

/** A source in a compression that isn't undone. */
export class RefusedCompression extends BellwetherError {
  readonly compression: string;

  constructor(source: string, compression: string, command: string) {
    super('E_INPUT', EXIT.input, `${source} is compressed with ${compression}; of compressions, gzip and zstd are read`, {
      where: { file: source },
      suggestions: [`Decompress it on the way: ${command} FILE | bellwether ingest -`],
    });
    this.compression = compression;
  }
}

/** Throws when the first bytes of a source are those of a compression that isn't undone. */
export function refuseCompression(source: string, first: Uint8Array): void {
  const refused = REFUSED.find(({ magic }) => magic.every((byte, i) => first[i] === byte));
  if (refused !== undefined) throw new RefusedCompression(source, refused.name, refused.command);
}
