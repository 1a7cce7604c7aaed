// The arguments of a record of the `simple` backend: 64 bits each, strings as a 32-bit length and their bytes.
// [QEMU-10.0 scripts/tracetool/backend/simple.py, trace/simple.c] The record doesn't say what they are: an event whose
// arguments changed over the releases has several layouts, and the right one is that whose bytes add up to the record.

import type { Releases } from './dialect.js';
import { definitionsOf } from './events.js';
import type { ArgType, EventArg } from './events.js';
import type { KnownEvent } from './names.js';
import { MAPPED_EVENTS, MAX_MAPPED_ARGS } from './mapped.js';
import { MAX_OF } from './text.js';

/** How the arguments of an event lie in a record. Parallel arrays, one element per argument: this is the hot loop's. */
export interface Layout {
  readonly args: readonly EventArg[];
  readonly isString: readonly boolean[];
  readonly isSigned: readonly boolean[];
  /** Place among the arguments that MAPPED_EVENTS names, -1 when it isn't needed. */
  readonly slots: readonly number[];
  /** Largest value; Infinity when nobody looks at it. */
  readonly max: readonly number[];
  /** Bytes without those of the strings. */
  readonly leastBytes: number;
  readonly hasString: boolean;
  /** The releases that have it; undefined when a user's file says so. */
  readonly releases: Releases | undefined;
}

const WORD_BYTES = 8;
const STRING_HEAD_BYTES = 4;
const SIGNED: readonly ArgType[] = ['i32', 'i64'];
const TWO_32 = 2 ** 32;

function layoutOf(args: readonly EventArg[], needed: readonly string[] | undefined, releases: Releases | undefined): Layout {
  const isString = args.map(({ type }) => type === 'str');
  return {
    args,
    isString,
    isSigned: args.map(({ type }) => SIGNED.includes(type)),
    slots: args.map(({ name }) => needed?.indexOf(name) ?? -1),
    max: args.map(({ type }) => (needed === undefined ? Infinity : MAX_OF[type])),
    leastBytes: isString.reduce((sum, string) => sum + (string ? STRING_HEAD_BYTES : WORD_BYTES), 0),
    hasString: isString.includes(true),
    releases,
  };
}

function sameArgs(a: readonly EventArg[], b: readonly EventArg[]): boolean {
  return a.length === b.length && a.every(({ name, type }, i) => name === b[i]!.name && type === b[i]!.type);
}

/**
 * The layouts that a device event's record can have, the likeliest first: what the user's file declares, then the
 * built-in definitions of the releases that wrote the file as far as `from`..`to` tells, newest first.
 */
export function layoutsOf(event: KnownEvent, declared: readonly EventArg[] | undefined, { from, to }: Releases): readonly Layout[] {
  const needed = event.mapped === undefined ? undefined : MAPPED_EVENTS[event.mapped];
  const all = definitionsOf(event.fullName.replace(/^(?:pci_)?nvme_/, ''));
  const fitting = all.filter((definition) => definition.from <= to && definition.to >= from);
  const layouts: Layout[] = [];
  for (const { args, ...releases } of (fitting.length > 0 ? fitting : all).toReversed()) {
    const twin = layouts.findIndex((layout) => sameArgs(layout.args, args));
    // The text changed, not the arguments: which of the two it was can't be told.
    const span = twin === -1 ? releases : { from: releases.from, to: layouts[twin]!.releases!.to };
    layouts.splice(twin === -1 ? layouts.length : twin, 1, layoutOf(args, needed, span));
  }
  if (declared === undefined || layouts.some(({ args }) => sameArgs(args, declared))) return layouts;
  const own = layoutOf(declared, needed, undefined);
  const complete = needed === undefined || needed.every((_, slot) => own.slots.includes(slot));
  // Without an argument that the model needs, the user's declaration is of no use.
  return complete ? [own, ...layouts] : layouts;
}

/** The layout of an event that is no device event: only its length can be checked. */
export function plainLayout(args: readonly EventArg[]): Layout {
  return layoutOf(args, undefined, undefined);
}

/** Reads arguments. One reader belongs to one decoder. */
export class ArgReader {
  /** Byte order of the trace. */
  littleEndian = true;
  /** The arguments that `read` saw last, in the order of MAPPED_EVENTS; NaN where the layout has none. */
  readonly args = new Float64Array(MAX_MAPPED_ARGS);
  /** The argument whose value is out of range; ABSENT when the layout doesn't fit at all. */
  fault = -1;

  /** Whether [at, end) has the layout, with `args` set. */
  read(layout: Layout, view: DataView, at: number, end: number): boolean {
    this.fault = -1;
    const spare = end - at - layout.leastBytes;
    if (spare < 0 || (spare > 0 && !layout.hasString)) return false;
    const { littleEndian, args } = this;
    const { isString, isSigned, slots, max } = layout;
    args.fill(NaN);
    let fault = -1;
    let stringBytes = 0;
    for (let i = 0; i < slots.length; i++) {
      if (isString[i]!) {
        const bytes = view.getUint32(at, littleEndian);
        stringBytes += bytes;
        if (stringBytes > spare) return false;
        at += STRING_HEAD_BYTES + bytes;
        continue;
      }
      const low = view.getUint32(littleEndian ? at : at + 4, littleEndian);
      const highAt = littleEndian ? at + 4 : at;
      const high = isSigned[i]! ? view.getInt32(highAt, littleEndian) : view.getUint32(highAt, littleEndian);
      const value = high * TWO_32 + low;
      if (value > max[i]! || value < -max[i]! - 1) fault = i;
      const slot = slots[i]!;
      if (slot >= 0) args[slot] = value;
      at += WORD_BYTES;
    }
    if (stringBytes !== spare) return false;
    this.fault = fault;
    return fault === -1;
  }
}
