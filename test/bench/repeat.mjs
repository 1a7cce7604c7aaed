// Longer captures from short ones: the records of a capture, over and over.

import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes a text capture so many times over. Time starts anew with each repetition. */
export function repeatText(bytes, times, file) {
  writeAll(file, Array.from({ length: times }, () => bytes));
}

const STAMPED = /^(\d+)@(\d+)\.(\d{6}):/;
const DOORBELL = /^(\S+ )([sc]qid) (\d+) (new_tail|new_head) (\d+)$/;

/** What the I/O doesn't need again: admin commands, and bare register writes, which say the same as the doorbells. */
const NOT_AGAIN = /pci_nvme_mmio_write|pci_nvme_admin_cmd|[sc]qid 0\b/;

/**
 * Writes a QEMU log whose I/O goes on so many times longer, as one long run would have it: the stretch between the creation of its last queue and
 * the deletion of the first is repeated, with time going on, and tails and heads going on around their rings.
 * @param bytes a log with time stamps, of which that stretch ends with nothing outstanding
 */
export function prolongLog(bytes, times, file) {
  const lines = bytes.toString('latin1').trimEnd().split('\n');
  const first = lines.findLastIndex((line) => line.includes('pci_nvme_create_sq')) + 1;
  const deletion = lines.findIndex((line, i) => i > first && line.includes('pci_nvme_del_'));
  const end = deletion === -1 ? lines.length : deletion;
  const depths = new Map(lines.flatMap((line) => {
    const [, id, qsize] = /create_sq .*sqid=(\d+),.*qsize=(\d+)/.exec(line) ?? [];
    return id === undefined ? [] : [[id, Number(qsize) + 1]];
  }));
  const body = lines.slice(first, end).filter((line) => !NOT_AGAIN.test(line)).map(taken);
  const advance = new Map();
  for (const { doorbell } of body) if (doorbell !== undefined) advance.set(`${doorbell.side} ${doorbell.id}`, doorbell.value);
  const roundUs = body.at(-1).timeUs - body[0].timeUs + 1_000;
  const target = openSync(file, 'w');
  writeSync(target, `${lines.slice(0, first).join('\n')}\n`, undefined, 'latin1');
  for (let round = 0; round < times; round++) {
    const moved = body.map(({ pid, timeUs, rest, doorbell }) => {
      const value = doorbell === undefined ? '' : ` ${doorbell.side} ${doorbell.id} ${doorbell.what} ${(doorbell.value + round * advance.get(`${doorbell.side} ${doorbell.id}`)) % depths.get(doorbell.id)}`;
      return `${pid}@${stamp(timeUs + round * roundUs)}:${rest}${value}`;
    });
    writeSync(target, `${moved.join('\n')}\n`, undefined, 'latin1');
  }
  closeSync(target);
}

/** A line of a QEMU log, with what changes when it comes again. */
function taken(line) {
  const [head, pid, seconds, us] = STAMPED.exec(line);
  const rest = line.slice(head.length);
  const [, event, side, id, what, value] = DOORBELL.exec(rest) ?? [];
  const timeUs = Number(seconds) * 1e6 + Number(us);
  return event === undefined ? { pid, timeUs, rest } : { pid, timeUs, rest: event.trimEnd(), doorbell: { side, id, what, value: Number(value) } };
}

function stamp(us) {
  return `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
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
