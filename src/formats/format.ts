// What a capture format is: something that recognises its own bytes, and a decoder that turns chunks of
// them into normalized events. One file or folder per format beside this one; registry.ts lists them.

import type { Clock } from '../trace/event.js';
import type { EventWriter } from '../trace/batch.js';
import type { Tally } from '../trace/tally.js';
import type { MmioOptions } from './bar.js';

/** Bytes of the (decompressed) source that a format may look at to recognise itself. */
export const HEAD_BYTES = 64 * 1024;

/** Why a format believes that the bytes are its own. */
export interface Detection {
  /** 0 .. 1; the format with the highest confidence reads the source. */
  readonly confidence: number;
  /** What was seen, for the user: "7 of 10 lines look like ...". */
  readonly evidence: string;
}

/** What a decoder writes to. */
export interface DecodeTarget {
  readonly writer: EventWriter;
  readonly tally: Tally;
  /** For captures of MMIO by address: see bar.ts. */
  readonly mmio?: MmioOptions | undefined;
  /** For captures by QEMU that don't hold their events' names or arguments: its `trace-events-all`. */
  readonly eventsFile?: NamedText | undefined;
}

/** A text file that the user gives beside the source. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** What a decoder knows about the source: when it has seen all of it, or so far. */
export interface DecodeSummary {
  readonly clock: Clock;
  /** Absolute time of the trace's origin (time 0 of its events) on that clock, in ns; 0n without time stamps. */
  readonly originNs: bigint;
  /** What the source is, as far as it can be told: "QEMU 8.0 or later", ... */
  readonly dialect: string;
}

/** Reads one source. Chunks may end anywhere, also inside a record; they are not kept after `push` returns. */
export interface Decoder {
  push(chunk: Uint8Array): void;
  /** Call once, after the last chunk. */
  end(): DecodeSummary;
}

/** A decoder that writes events while the source comes, so that a source that still grows can be followed. */
export interface StreamDecoder extends Decoder {
  /** What is known so far; after end() the same as end() gave. */
  summary(): DecodeSummary;
}

/** All of a source after decompression, readable at any place. */
export interface Content {
  readonly bytes: number;
  /** Copies the bytes from `at` on into `target`; returns how many: fewer than `target` holds only at the end. */
  read(at: number, target: Uint8Array): number;
}

/** Reads a source that is all there. Between two steps the caller may tell the progress, or leave it at that. */
export interface ContentDecoder {
  /** Decodes some thousand records; false when none is left. */
  step(): boolean;
  /** Call once, after the last step. */
  end(): DecodeSummary;
}

interface FormatIdentity {
  /** Name for `--format` and the store. */
  readonly id: string;
  readonly title: string;
  /** What the places of its records count; lines where it is left out. */
  readonly places?: 'bytes';
  /** Looks at the first HEAD_BYTES bytes, or at all of a shorter source. */
  detect(head: Uint8Array): Detection | undefined;
}

/** A format that is read from front to back. */
export interface StreamFormat extends FormatIdentity {
  open(target: DecodeTarget): StreamDecoder;
  readonly openContent?: undefined;
}

/** A format that can't be read from front to back. */
export interface ContentFormat extends FormatIdentity {
  /** Copies what comes and decodes it at the end: `openContent` is preferred where the content can be had as a whole. */
  open(target: DecodeTarget): Decoder;
  openContent(target: DecodeTarget, content: Content): ContentDecoder;
}

export type TraceFormat = StreamFormat | ContentFormat;
