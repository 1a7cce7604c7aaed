// Decodes a source that is followed: chunk by chunk as they come, with the state so far at any time. The same events as
// decode.ts makes of the same bytes, but it can't wait for a whole head to recognise the format, nor for the end.
// Memory: a head of HEAD_BYTES and a chunk until the format is known; then what the decoder holds.

import { createHash } from 'node:crypto';
import { ensure } from '../base/assert.js';
import { LF } from '../base/bytes.js';
import { inputError } from '../base/errors.js';
import { MAGIC_BYTES, refuseCompression } from './codec.js';
import { emptyError, unknownFormatError } from './decode.js';
import type { DecodeOptions } from './decode.js';
import { HEAD_BYTES } from './format.js';
import type { DecodeSummary, Detection, StreamDecoder, TraceFormat } from './format.js';
import { detectFormat } from './registry.js';
import { codecOf } from './source.js';

/** Nearly all lines so far are of the format: no need to wait for more. */
const SURE = 0.9;
/** A record of the format was seen: enough when nothing better has come for a while. */
const LIKELY = 0.5;

export type LiveOptions = Pick<DecodeOptions, 'format' | 'writer' | 'tally' | 'mmio' | 'eventsFile'>;

/** Decodes one source. */
export class LiveDecoder {
  /** Bytes taken so far. */
  bytes = 0;
  /** Why the format was chosen; undefined before, and when it was given. */
  detection: Detection | undefined;
  private readonly name: string;
  private readonly options: LiveOptions;
  private readonly hash = createHash('sha256');
  private chosen: TraceFormat | undefined;
  private decoder: StreamDecoder | undefined;
  private head: Uint8Array = new Uint8Array(0);
  /** Length of the head when it was last looked at. */
  private looked = 0;

  /** `name` is that of the source. Throws an input error when the given format can't be followed. */
  constructor(name: string, options: LiveOptions) {
    this.name = name;
    this.options = options;
    if (options.format !== undefined) refuseContent(name, options.format);
  }

  /** Whether the format is known. */
  get started(): boolean {
    return this.decoder !== undefined;
  }

  /** The format; only once it is known. */
  get format(): TraceFormat {
    return ensure(this.chosen, 'known format');
  }

  /** SHA-256 of the bytes so far, in hexadecimal. */
  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /** What is known of the source so far. Only once the format is known. */
  get summary(): DecodeSummary {
    return ensure(this.decoder, 'decoder of a known format').summary();
  }

  /** Takes the next bytes. Throws an input error for what can't be followed, or when no format knows a whole head. */
  push(chunk: Uint8Array): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    if (this.decoder !== undefined) {
      this.decoder.push(chunk);
      return;
    }
    this.head = Buffer.concat([this.head, chunk]);
    // Only when there is twice as much as before: looking again at each byte of a slow pipe would take its time.
    if (this.head.length >= 2 * this.looked || this.head.length >= HEAD_BYTES) this.recognise(SURE);
  }

  /** Some time has passed: a likely format will do. */
  settle(): void {
    if (this.decoder === undefined) this.recognise(LIKELY);
  }

  /** Call once, after the last bytes. Throws an input error when there were none, or no format knows them. */
  end(): DecodeSummary {
    if (this.bytes === 0) throw emptyError(this.name);
    if (this.decoder === undefined) this.recognise(0);
    if (this.decoder === undefined) throw unknownFormatError(this.name, this.head.subarray(0, HEAD_BYTES));
    return this.decoder.end();
  }

  /** Chooses the format if one is confident enough; a full head decides. */
  private recognise(least: number): void {
    const { head, name } = this;
    this.looked = head.length;
    if (head.length < MAGIC_BYTES && least > 0) return;
    refuseCompression(name, head);
    const codec = codecOf(head);
    if (codec !== undefined) throw refusal(name, `it is compressed with ${codec.name}`, [`Decompress it on the way: ${codec.name} -dc FILE | bellwether ingest --follow -`]);
    if (this.options.format !== undefined) {
      this.start(this.options.format);
      return;
    }
    const full = head.length >= HEAD_BYTES;
    const found = full || least === 0 ? detectFormat(head.subarray(0, HEAD_BYTES)) : detectUnfinished(head);
    if (found !== undefined && (full || found.detection.confidence >= least)) {
      this.detection = found.detection;
      this.start(found.format);
    } else if (full) {
      throw unknownFormatError(name, head.subarray(0, HEAD_BYTES));
    }
  }

  private start(format: TraceFormat): void {
    this.chosen = format;
    this.decoder = refuseContent(this.name, format).open(this.options);
    this.decoder.push(this.head);
    this.head = new Uint8Array(0);
  }
}

/** The end of a head that is still short may be half a line, which says nothing; binary formats have no lines. */
function detectUnfinished(head: Uint8Array): ReturnType<typeof detectFormat> {
  return detectFormat(head.subarray(0, head.lastIndexOf(LF) + 1)) ?? detectFormat(head);
}

function refuseContent(name: string, format: TraceFormat): TraceFormat & { readonly openContent?: undefined } {
  if (format.openContent === undefined) return format;
  throw refusal(name, `as ${format.id} it can be read only when all of it is there`, [
    'Ingest it without --follow when the recording has ended.',
    'See events of the kernel while they come: cat /sys/kernel/tracing/trace_pipe | bellwether ingest --follow -',
  ]);
}

function refusal(name: string, reason: string, suggestions: readonly string[]): Error {
  return inputError(`${name} can't be followed: ${reason}`, { where: { file: name }, suggestions });
}
