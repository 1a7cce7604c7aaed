// From a source to normalized events: choose the format by the first bytes, feed the decoder, account for everything.

import { setImmediate } from 'node:timers/promises';
import { ensure } from '../base/assert.js';
import { BellwetherError, inputError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import type { EventWriter } from '../trace/batch.js';
import type { Tally } from '../trace/tally.js';
import type { MmioOptions } from './bar.js';
import { FileContent, Spool } from './content.js';
import { HEAD_BYTES } from './format.js';
import type { Content, DecodeSummary, Detection, NamedText, TraceFormat } from './format.js';
import { nearMiss } from './near-misses.js';
import { FORMATS, detectFormat } from './registry.js';
import { DamagedSource } from './source.js';
import type { Source } from './source.js';

/** How far a decode has come; bytes are those of the source as stored. */
export interface DecodeProgress {
  readonly bytes: number;
  readonly totalBytes: number | undefined;
  readonly records: number;
}

export interface DecodeOptions {
  /** Reads the source as this format, whatever it looks like. */
  readonly format?: TraceFormat | undefined;
  readonly writer: EventWriter;
  readonly tally: Tally;
  /** For captures of MMIO by address. */
  readonly mmio?: MmioOptions | undefined;
  /** For captures by QEMU that don't hold their events' names or arguments: its `trace-events-all`. */
  readonly eventsFile?: NamedText | undefined;
  /** Called after each chunk, some thousand times for a large source. */
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined;
  /** Hands the decoder chunks of at most this many bytes. For tests. */
  readonly chunkBytes?: number | undefined;
}

export interface Decoded {
  readonly format: TraceFormat;
  /** Undefined when the caller named the format. */
  readonly detection: Detection | undefined;
  readonly summary: DecodeSummary;
  /** Of the source as stored. */
  readonly sha256: string;
  /** Size of the source as stored. */
  readonly bytes: number;
}

/**
 * Reads a source to its end, writes its events and counts its records; the writer has been flushed on return.
 * Throws an input error for an empty source, one of an unknown format, and one that can't be decompressed at all.
 * A source whose compression breaks off later keeps what came before, and one reject says where.
 */
export async function decodeSource(source: Source, options: DecodeOptions): Promise<Decoded> {
  const { writer, tally } = options;
  const chunks = source[Symbol.asyncIterator]();
  let damage: DamagedSource | undefined;
  /** The next chunk; undefined at the end, also at the end that damage makes. */
  async function next(): Promise<Uint8Array | undefined> {
    try {
      const result = await chunks.next();
      return result.done === true ? undefined : result.value;
    } catch (error) {
      if (!(error instanceof DamagedSource)) throw error;
      damage = error;
      return undefined;
    }
  }

  try {
    const head = await readHead(next);
    if (head.length === 0) throw damage ?? emptyError(source.name);
    const found = options.format === undefined ? detectFormat(head.subarray(0, HEAD_BYTES)) : undefined;
    const format = options.format ?? found?.format;
    if (format === undefined) throw unknownFormatError(source.name, head.subarray(0, HEAD_BYTES));

    const decode = format.openContent === undefined ? decodeChunks : decodeContent;
    const summary = await decode(format, allChunks(head, next), source, options);
    if (damage !== undefined) countDamage(tally, damage);
    writer.flush();
    return { format, detection: found?.detection, summary, sha256: source.sha256, bytes: source.bytesRead };
  } catch (error) {
    throw named(error, source.name);
  } finally {
    await chunks.return(undefined);
  }
}

/** A decoder doesn't know what its source is called. */
export function named(error: unknown, name: string): unknown {
  if (!(error instanceof BellwetherError) || error.code !== 'E_INPUT' || error.where.file !== undefined) return error;
  const { suggestions, where } = error;
  return inputError(`${name}: ${error.message}`, { suggestions, where: { ...where, file: name }, cause: error });
}

async function* allChunks(head: Uint8Array, next: () => Promise<Uint8Array | undefined>): AsyncGenerator<Uint8Array> {
  for (let chunk: Uint8Array | undefined = head; chunk !== undefined; chunk = await next()) yield chunk;
}

type Chunks = AsyncGenerator<Uint8Array>;

async function decodeChunks(format: TraceFormat, chunks: Chunks, source: Source, options: DecodeOptions): Promise<DecodeSummary> {
  const decoder = format.open(options);
  for await (const chunk of chunks) {
    for (const piece of pieces(chunk, options.chunkBytes)) decoder.push(piece);
    report(source, options);
  }
  return decoder.end();
}

/** Reads the source once for its hash, and for a copy if it can't be read at any place; then decodes it. */
async function decodeContent(format: TraceFormat, chunks: Chunks, source: Source, options: DecodeOptions): Promise<DecodeSummary> {
  let bytes = 0;
  const spool = source.plainFile === undefined ? new Spool() : undefined;
  let content: (Content & { close(): void }) | undefined = spool;
  try {
    for await (const chunk of chunks) {
      spool?.write(chunk);
      bytes += chunk.length;
      report(source, options);
    }
    content ??= new FileContent(ensure(source.plainFile, 'file'), bytes);
    const decoder = ensure(format.openContent?.(options, content), 'decoder of contents');
    while (decoder.step()) {
      report(source, options);
      // Lets signals and timers through.
      await setImmediate();
    }
    return decoder.end();
  } finally {
    content?.close();
  }
}

function report(source: Source, options: DecodeOptions): void {
  options.onProgress?.({ bytes: source.bytesRead, totalBytes: source.totalBytes, records: options.tally.read });
}

/** The first HEAD_BYTES bytes and the rest of the chunk that they end in; fewer when the source is shorter. */
async function readHead(next: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const chunk = await next();
    if (chunk === undefined) break;
    // Chunks are valid only until the next is asked for.
    parts.push(Uint8Array.from(chunk));
    length += chunk.length;
  }
  return Buffer.concat(parts);
}

function* pieces(chunk: Uint8Array, chunkBytes = Infinity): Generator<Uint8Array> {
  if (chunk.length <= chunkBytes) {
    yield chunk;
    return;
  }
  for (let at = 0; at < chunk.length; at += chunkBytes) yield chunk.subarray(at, at + chunkBytes);
}

/** The lost rest of a source is one record of its own, placed at the byte of the content where it begins. */
function countDamage(tally: Tally, damage: DamagedSource): void {
  tally.read += 1;
  tally.reject(damage.where.byte ?? 0, `${damage.reason}; the place is a byte of the content`, damage.message);
}

/** The source has no bytes. */
export function emptyError(name: string): Error {
  return inputError(`${name} is empty`, {
    where: { file: name },
    suggestions: ['Check that the capture was switched on and that its output went to this file.'],
  });
}

/** No format knows the first bytes. */
export function unknownFormatError(name: string, head: Uint8Array): Error {
  const miss = nearMiss(head);
  if (miss !== undefined) return inputError(`${name} is no capture of a known format: it is ${miss.what}`, { where: { file: name, byte: 0 }, suggestions: [miss.wayOut] });
  const known = FORMATS.map((format) => format.id).join(', ');
  return inputError(`${name}: no known format in its first ${formatBytes(head.length)}. Known: ${known}`, {
    where: { file: name },
    suggestions: [
      `Name the format with --format, such as --format ${FORMATS[0]?.id ?? ''}: "bellwether list formats" describes them.`,
      'Another text can be declared: --format FILE.json, see docs/formats/declared.md.',
    ],
  });
}
