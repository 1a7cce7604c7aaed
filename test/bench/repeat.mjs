// Longer captures from short ones: the records of a capture, over and over. Time starts anew with each repetition.

import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes a text capture so many times over. */
export function repeatText(bytes, times, file) {
  writeAll(file, Array.from({ length: times }, () => bytes));
}

const HEADER_BYTES = 24;
const TYPE_BYTES = 8;
const MAPPING_HEAD_BYTES = 20;
/** Where the length stands in a record behind its type: event id, time, length. */
const LENGTH_AT = 16;

/**
 * Writes a capture of QEMU's `simple` backend, version 4 and little endian, with its header and the names of its events
 * once and its records so many times over.
 */
export function repeatSimple(bytes, times, file) {
  const names = [];
  const records = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const isName = bytes.readBigUInt64LE(at) === 0n;
    const length = isName ? MAPPING_HEAD_BYTES + bytes.readUInt32LE(at + 16) : TYPE_BYTES + bytes.readUInt32LE(at + TYPE_BYTES + LENGTH_AT);
    (isName ? names : records).push(bytes.subarray(at, at + length));
    at += length;
  }
  const body = Buffer.concat(records);
  writeAll(file, [bytes.subarray(0, HEADER_BYTES), ...names, ...Array.from({ length: times }, () => body)]);
}

function writeAll(file, parts) {
  const target = openSync(file, 'w');
  for (const part of parts) writeSync(target, part);
  closeSync(target);
}
