// The sequences of a zstd block: literals to copy, then a match to repeat. [RFC 8878] 3.1.1.3.2, 3.1.1.4, 3.1.1.5

import { BackwardBits, ZstdError } from './bits.js';
import type { BlockOutput } from './block.js';
import { constantTable, fseTable, readFseTable } from './fse.js';
import type { FseTable } from './fse.js';

const LITERAL_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
const LITERAL_BASE = baselines(LITERAL_BITS, 0);
const MATCH_BASE = baselines(MATCH_BITS, 3);
/** Offsets of 2^31 and more aren't needed for any window that is allowed. */
const MAX_OFFSET_CODE = 31;

/** One of the three codes of a sequence. */
interface Code {
  readonly maxLog: number;
  readonly maxSymbol: number;
  readonly predefined: FseTable;
}

const LITERALS: Code = code(9, 6, [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]);
const OFFSETS: Code = code(8, 5, [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], MAX_OFFSET_CODE);
const MATCHES: Code = code(9, 6, [
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);

const PREDEFINED = 0;
const CONSTANT = 1;
const DESCRIBED = 2;

function baselines(bits: readonly number[], first: number): readonly number[] {
  let base = first;
  return bits.map((width) => {
    const own = base;
    base += 2 ** width;
    return own;
  });
}

function code(maxLog: number, log: number, distribution: readonly number[], maxSymbol = distribution.length - 1): Code {
  return { maxLog, maxSymbol, predefined: fseTable(distribution, distribution.length, log) };
}

/** What a frame's blocks hand on to the next one. */
export class SequenceState {
  /** The last three offsets. */
  readonly offsets = new Uint32Array([1, 4, 8]);
  literals: FseTable | undefined;
  matches: FseTable | undefined;
  distances: FseTable | undefined;
}

/** Where sequences copy from and to. */
export interface Copying extends BlockOutput {
  readonly literals: Uint8Array;
  readonly literalBytes: number;
}

/** Carries out the sequences in bytes [start, end) of a block; the end of the output. */
export function runSequences(bytes: Uint8Array, start: number, end: number, state: SequenceState, copying: Copying): number {
  const { literals, literalBytes, target, origin, windowBytes, limit } = copying;
  let at = start;
  const first = at < end ? bytes[at++]! : 0;
  let count = first;
  if (first >= 128) {
    if (at + 2 > end) throw new ZstdError('the number of sequences is missing');
    count = first === 255 ? bytes[at]! + (bytes[at + 1]! << 8) + 0x7f00 : ((first - 128) << 8) + bytes[at]!;
    at += first === 255 ? 2 : 1;
  }
  let out = copying.from;
  let used = 0;
  if (count > 0) {
    const modes = at < end ? bytes[at++]! : 3;
    if ((modes & 3) !== 0) throw new ZstdError('the modes of the sequences have a reserved bit');
    [state.literals, at] = table(LITERALS, modes >> 6, state.literals, bytes, at, end);
    [state.distances, at] = table(OFFSETS, (modes >> 4) & 3, state.distances, bytes, at, end);
    [state.matches, at] = table(MATCHES, (modes >> 2) & 3, state.matches, bytes, at, end);
    const stream = new BackwardBits(bytes, at, end);
    const { literals: lengths, distances, matches } = state;
    let lengthState = stream.read(lengths.log);
    let distanceState = stream.read(distances.log);
    let matchState = stream.read(matches.log);
    for (let i = count; i > 0; i--) {
      const distanceCode = distances.symbols[distanceState]!;
      const value = 2 ** distanceCode + stream.read(distanceCode);
      const matchCode = matches.symbols[matchState]!;
      const match = MATCH_BASE[matchCode]! + stream.read(MATCH_BITS[matchCode]!);
      const lengthCode = lengths.symbols[lengthState]!;
      const length = LITERAL_BASE[lengthCode]! + stream.read(LITERAL_BITS[lengthCode]!);
      if (i > 1) {
        lengthState = lengths.base[lengthState]! + stream.read(lengths.bits[lengthState]!);
        matchState = matches.base[matchState]! + stream.read(matches.bits[matchState]!);
        distanceState = distances.base[distanceState]! + stream.read(distances.bits[distanceState]!);
      }
      const offset = offsetOf(value, length, state.offsets);
      if (used + length > literalBytes) throw new ZstdError('a sequence copies more literals than there are');
      if (out + length + match > limit) throw new ZstdError('a block is longer than stated');
      for (let j = 0; j < length; j++) target[out + j] = literals[used + j]!;
      used += length;
      out += length;
      if (offset > out - origin || offset > windowBytes || offset === 0) throw new ZstdError('a match begins before the data');
      // Source and target may overlap: that repeats.
      for (let j = 0; j < match; j++) target[out + j] = target[out + j - offset]!;
      out += match;
    }
    if (stream.left !== 0) throw new ZstdError('the sequences leave bits over');
  } else if (at !== end) {
    throw new ZstdError('a block without sequences is too long');
  }
  const rest = literalBytes - used;
  if (out + rest > limit) throw new ZstdError('a block is longer than stated');
  target.set(literals.subarray(used, literalBytes), out);
  return out + rest;
}

function table(which: Code, mode: number, last: FseTable | undefined, bytes: Uint8Array, at: number, end: number): [FseTable, number] {
  if (mode === PREDEFINED) return [which.predefined, at];
  if (mode === CONSTANT) {
    if (at >= end || bytes[at]! > which.maxSymbol) throw new ZstdError('a code is out of range');
    return [constantTable(bytes[at]!), at + 1];
  }
  if (mode === DESCRIBED) {
    const read = readFseTable(bytes, at, end, which.maxLog, which.maxSymbol);
    return [read.table, read.end];
  }
  if (last === undefined) throw new ZstdError('there is no table to repeat');
  return [last, at];
}

/** The distance of a match; values up to 3 name one of the last offsets. [RFC 8878] 3.1.1.5 */
function offsetOf(value: number, literals: number, last: Uint32Array): number {
  if (value > 3) {
    last[2] = last[1]!;
    last[1] = last[0]!;
    last[0] = value - 3;
    return value - 3;
  }
  const index = value - 1 + (literals === 0 ? 1 : 0);
  if (index === 0) return last[0]!;
  const offset = index === 3 ? last[0]! - 1 : last[index]!;
  if (index > 1) last[2] = last[1]!;
  last[1] = last[0]!;
  last[0] = offset;
  return offset;
}
