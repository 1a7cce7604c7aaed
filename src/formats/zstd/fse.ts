// Tables of finite-state entropy coding. [RFC 8878] 4.1

import { BackwardBits, ZstdError, bitsAt } from './bits.js';

/** By state: the symbol, how many bits lead to the next state, and what they are added to. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly base: Uint16Array;
}

/** A table as read, and the byte behind it. */
export interface ReadTable {
  readonly table: FseTable;
  readonly end: number;
}

/** The table of a distribution whose parts add up to 1 << log; -1 stands for "less than one". */
export function fseTable(probabilities: ArrayLike<number>, count: number, log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const base = new Uint16Array(size);
  const next = new Uint16Array(count);
  let high = size;
  for (let symbol = 0; symbol < count; symbol++) {
    if (probabilities[symbol] !== -1) continue;
    if (high === 0) throw new ZstdError('a distribution has too many symbols');
    high -= 1;
    symbols[high] = symbol;
    next[symbol] = 1;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < count; symbol++) {
    const parts = probabilities[symbol]!;
    if (parts <= 0) continue;
    next[symbol] = parts;
    for (let i = 0; i < parts; i++) {
      symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position >= high);
    }
  }
  if (position !== 0) throw new ZstdError("a distribution doesn't fill its table");
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state]!;
    const following = next[symbol]!;
    next[symbol] = following + 1;
    const width = log - (31 - Math.clz32(following));
    bits[state] = width;
    base[state] = (following << width) - size;
  }
  return { log, symbols, bits, base };
}

/** A table that yields one symbol and takes no bits. */
export function constantTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), base: new Uint16Array(1) };
}

/** Reads the description of a table in bytes [start, end). */
export function readFseTable(bytes: Uint8Array, start: number, end: number, maxLog: number, maxSymbol: number): ReadTable {
  const log = (start < end ? bytes[start]! & 15 : 15) + 5;
  if (log > maxLog) throw new ZstdError('a table is larger than allowed');
  const probabilities = new Int16Array(maxSymbol + 1);
  let bit = 4;
  let count = 0;
  let remaining = 1 << log;
  while (remaining > 0) {
    if (count > maxSymbol || start + (bit >> 3) >= end) throw new ZstdError("a distribution doesn't end");
    const width = 32 - Math.clz32(remaining + 1);
    const low = (1 << (width - 1)) - 1;
    const threshold = (1 << width) - 2 - remaining;
    let value = bitsAt(bytes, start, bit, width);
    if ((value & low) < threshold) {
      value &= low;
      bit += width - 1;
    } else {
      if (value > low) value -= threshold;
      bit += width;
    }
    const parts = value - 1;
    probabilities[count] = parts;
    count += 1;
    remaining -= Math.abs(parts);
    if (parts !== 0) continue;
    for (let zeros = 3; zeros === 3; ) {
      zeros = bitsAt(bytes, start, bit, 2);
      bit += 2;
      count += zeros;
      if (count > maxSymbol) throw new ZstdError('a distribution has too many symbols');
    }
  }
  const after = start + ((bit + 7) >> 3);
  if (remaining < 0 || after > end) throw new ZstdError("a distribution doesn't fill its table");
  return { table: fseTable(probabilities, count, log), end: after };
}

/** Decodes bytes [start, end) with two states in turns, into at most `out.length` symbols; their number. [RFC 8878] 4.2.1.2 */
export function decodeTwoStates(table: FseTable, bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  const stream = new BackwardBits(bytes, start, end);
  let one = stream.read(table.log);
  let two = stream.read(table.log);
  let count = 0;
  for (;;) {
    // The stream ends when a state has no bits for its successor: then the other one's symbol is the last.
    if (count + 2 > out.length) throw new ZstdError('there are too many weights');
    out[count++] = table.symbols[one]!;
    if (table.bits[one]! > stream.left) {
      out[count++] = table.symbols[two]!;
      return count;
    }
    const successor = table.base[one]! + stream.read(table.bits[one]!);
    one = two;
    two = successor;
  }
}
