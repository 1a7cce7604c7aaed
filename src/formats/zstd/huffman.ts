// Huffman-coded literals. [RFC 8878] 4.2

import { BackwardBits, ZstdError, bitsAt } from './bits.js';
import { decodeTwoStates, readFseTable } from './fse.js';

const MAX_BITS = 11;
const MAX_WEIGHTS = 255;
const WEIGHT_TABLE_LOG = 6;
/** The first byte of a description: from here on, 127 less is the number of weights of four bits each. */
const DIRECT = 128;

/** By the next `bits` bits of the stream: the symbol, and how many of them are its own. */
export interface HuffmanTable {
  readonly bits: number;
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

/** Reads the description of a table in bytes [start, end). */
export function readHuffmanTable(bytes: Uint8Array, start: number, end: number): { readonly table: HuffmanTable; readonly end: number } {
  if (start >= end) throw new ZstdError('a Huffman table is missing');
  const header = bytes[start]!;
  const weights = new Uint8Array(MAX_WEIGHTS + 1);
  const from = start + 1;
  const direct = header >= DIRECT;
  const after = from + (direct ? (header - DIRECT + 2) >> 1 : header);
  if (after > end) throw new ZstdError('a Huffman table ends too early');
  let count = header - DIRECT + 1;
  if (direct) {
    for (let i = 0; i < count; i++) weights[i] = i % 2 === 0 ? bytes[from + (i >> 1)]! >> 4 : bytes[from + (i >> 1)]! & 15;
  } else {
    const { table, end: tableEnd } = readFseTable(bytes, from, after, WEIGHT_TABLE_LOG, MAX_WEIGHTS);
    count = decodeTwoStates(table, bytes, tableEnd, after, weights.subarray(0, MAX_WEIGHTS));
  }
  return { table: huffmanTable(weights, count), end: after };
}

/** The table of `count` weights; the last symbol's weight is what the others leave. */
function huffmanTable(weights: Uint8Array, count: number): HuffmanTable {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (weights[i]! > MAX_BITS) throw new ZstdError('a Huffman code is too long');
    sum += (1 << weights[i]!) >> 1;
  }
  const bits = 32 - Math.clz32(sum);
  const rest = (1 << bits) - sum;
  if (sum === 0 || bits > MAX_BITS || (rest & (rest - 1)) !== 0) throw new ZstdError("a Huffman table's weights don't add up");
  weights[count] = 32 - Math.clz32(rest);
  const symbols = new Uint8Array(1 << bits);
  const lengths = new Uint8Array(1 << bits);
  let position = 0;
  for (let weight = 1; weight <= bits; weight++) {
    for (let symbol = 0; symbol <= count; symbol++) {
      if (weights[symbol] !== weight) continue;
      const last = position + (1 << (weight - 1));
      symbols.fill(symbol, position, last);
      lengths.fill(bits + 1 - weight, position, last);
      position = last;
    }
  }
  return { bits, symbols, lengths };
}

/** Decodes the stream in bytes [start, end) into out[from, to), exactly. */
export function decodeHuffman(table: HuffmanTable, bytes: Uint8Array, start: number, end: number, out: Uint8Array, from: number, to: number): void {
  const { bits, symbols, lengths } = table;
  const mask = (1 << bits) - 1;
  let { left } = new BackwardBits(bytes, start, end);
  for (let at = from; at < to; at++) {
    // Before the first bit of the stream stand zeros.
    const lowest = left - bits;
    const index = lowest >= 0 ? bitsAt(bytes, start, lowest, bits) : (bitsAt(bytes, start, 0, Math.max(0, left)) << -lowest) & mask;
    out[at] = symbols[index]!;
    left -= lengths[index]!;
    if (left < 0) throw new ZstdError('a Huffman stream ends too early');
  }
  if (left !== 0) throw new ZstdError('a Huffman stream is too long');
}
