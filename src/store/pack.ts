// How the small columns of an event share two integers, and the SQL that takes them apart again.
//
//   what     bits 0..4 kind, 5..6 side + 1, 7..14 controller, 15..31 queue + 1, 32..35 source
//   command  bits 0..16 cid + 1, 17..25 opcode + 1, 26..42 status + 1; NULL when all three are absent
//
// A field + 1 is 0 when the field is absent. Both stay below 2^53, where numbers are exact.

import { assert } from '../base/assert.js';
import { ABSENT, type EventBatch } from '../trace/batch.js';

/** Sources that a trace can have. */
export const MAX_SOURCES = 16;

/** Packs kind, side, controller, queue and source of a row. */
export function packWhat(b: EventBatch, row: number): number {
  const queue = b.queue[row]!;
  assert(queue <= 0xffff, `queue ${queue} has more than 16 bits`);
  const source = b.source[row]!;
  assert(source < MAX_SOURCES, `source ${source} is too large`);
  return source * 0x1_0000_0000 + (queue + 1) * 0x8000 + b.controller[row]! * 0x80 + (b.side[row]! + 1) * 0x20 + b.kind[row]!;
}

/** Packs cid, opcode and status of a row; null when it has none. */
export function packCommand(b: EventBatch, row: number): number | null {
  const cid = b.cid[row]!;
  const opcode = b.opcode[row]!;
  const status = b.status[row]!;
  if (cid === ABSENT && opcode === ABSENT && status === ABSENT) return null;
  assert(cid <= 0xffff && opcode <= 0xff && status <= 0xffff, `cid ${cid}, opcode ${opcode} or status ${status} is too large`);
  return (status + 1) * 0x400_0000 + (opcode + 1) * 0x2_0000 + cid + 1;
}

/** Sets the packed columns of a row. */
export function unpack(b: EventBatch, row: number, what: number, command: number | null): void {
  b.kind[row] = what & 0x1f;
  b.side[row] = ((what >>> 5) & 3) - 1;
  b.controller[row] = (what >>> 7) & 0xff;
  b.queue[row] = (Math.floor(what / 0x8000) % 0x2_0000) - 1;
  b.source[row] = Math.floor(what / 0x1_0000_0000);
  const packed = command ?? 0;
  b.cid[row] = (packed % 0x2_0000) - 1;
  b.opcode[row] = (Math.floor(packed / 0x2_0000) % 0x200) - 1;
  b.status[row] = Math.floor(packed / 0x400_0000) - 1;
}

/** SQL of each field of a row `e` of the table event; NULL when it is absent. */
export const KIND_SQL = '(e.what & 31)';
export const SIDE_SQL = '(((e.what >> 5) & 3) - 1)';
export const CONTROLLER_SQL = '((e.what >> 7) & 255)';
export const QUEUE_SQL = '(nullif((e.what >> 15) & 131071, 0) - 1)';
export const SOURCE_SQL = '(e.what >> 32)';
export const CID_SQL = '(nullif(e.command & 131071, 0) - 1)';
export const OPCODE_SQL = '(nullif((e.command >> 17) & 511, 0) - 1)';
export const STATUS_SQL = '(nullif(e.command >> 26, 0) - 1)';
