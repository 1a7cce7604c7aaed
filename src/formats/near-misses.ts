// Files that are handed in by mistake, or by hope: recognised by their first bytes, to say what they are and what to do instead.

import { latin1 } from '../base/bytes.js';

export interface NearMiss {
  /** For "FILE is ...". */
  readonly what: string;
  /** The way out, a sentence. */
  readonly wayOut: string;
}

interface Known extends NearMiss {
  readonly matches: (head: Uint8Array, text: string) => boolean;
}

/** What texts are told by. */
const TEXT_BYTES = 4096;
const GUEST_OR_LOG = 'Doorbells are not on the network: capture with QEMU -trace, ftrace, trace-cmd, perf or mmiotrace.';
const FIO = "fio's report has totals and no trace: capture while fio runs, with QEMU -trace, ftrace, trace-cmd or perf.";

function begins(...magic: readonly number[]): Known['matches'] {
  return (head) => magic.every((byte, i) => head[i] === byte);
}

/** What is there after decompression. */
function beginsCompressed(head: Uint8Array): boolean {
  return COMPRESSED.some((magic) => magic.every((byte, i) => head[i] === byte));
}

function says(pattern: RegExp): Known['matches'] {
  return (_head, text) => pattern.test(text);
}

/** gzip, zstd, xz, bzip2. */
const COMPRESSED: readonly (readonly number[])[] = [[0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0xfd, 0x37, 0x7a, 0x58, 0x5a], [0x42, 0x5a, 0x68]];

const NEAR_MISSES: readonly Known[] = [
  {
    what: 'a tar archive',
    wayOut: "Unpack it: 'tar -xf FILE', then ingest what was in it; one file alone: 'tar -xOf FILE NAME | bellwether ingest -'.",
    matches: (head) => isArchive(head),
  },
  { what: 'compressed twice', wayOut: 'Undo the outer compression: gzip -dc FILE | bellwether ingest -', matches: beginsCompressed },
  {
    what: "perf's binary perf.data",
    wayOut: "Turn it into text where it was recorded: 'perf script --ns -i FILE > perf.txt', then ingest perf.txt.",
    matches: says(/^PERFILE2|^2ELIFREP/),
  },
  { what: 'a packet capture (pcap)', wayOut: GUEST_OR_LOG, matches: (head) => isPcap(head) },
  {
    what: "LTTng's binary trace (CTF)",
    wayOut: "Turn it into text: 'babeltrace2 FOLDER > lttng.txt', then ingest lttng.txt.",
    matches: (head, text) => begins(0xc1, 0x1f, 0xfc, 0xc1)(head, text) || begins(0xc1, 0xfc, 0x1f, 0xc1)(head, text) || isCtfMetadata(text),
  },
  {
    what: 'a trace of the block layer by blktrace',
    wayOut: 'It has neither doorbells nor commands of NVMe: record the events nvme:* with trace-cmd or perf.',
    matches: (head, text) => (head[1] === 0x41 && head[2] === 0x61 && head[3] === 0x65 && head.length >= 48) || BLKPARSE.test(text),
  },
  { what: "fio's report", wayOut: FIO, matches: says(/^\s*\{\s*"fio version"|^(?:\S+: \(g=\d+\): rw=|fio-\d)/) },
  {
    what: 'a SQLite file, perhaps a store of bellwether',
    wayOut: "A store is named with --db: 'bellwether traces --db FILE'.",
    matches: says(/^SQLite format 3\0/),
  },
  {
    what: 'text in UTF-16, as a redirection in PowerShell writes it',
    wayOut: "Convert it: 'iconv -f UTF-16 -t UTF-8 FILE | bellwether ingest -'.",
    matches: (head, text) => begins(0xff, 0xfe)(head, text) || begins(0xfe, 0xff)(head, text),
  },
  {
    what: 'a QEMU simple trace by SystemTap, without the header that names its events',
    wayOut: "Capture with the simple or log backend, or print the events with 'qemu-trace-stap run'.",
    matches: (head) => isBareSimple(head),
  },
  {
    what: "a list of trace events, QEMU's trace-events-all",
    wayOut: 'Give it with --events-file, beside the capture that it belongs to.',
    matches: says(/^(?:#.*\n|\s*\n)*(?:disable |vcpu |tcg )*[a-z_0-9]+\([^()\n]*\) "/),
  },
  {
    what: 'a JSON document',
    wayOut: 'A declaration of a format is given with --format FILE.json, beside the capture; other JSON is not read.',
    matches: says(/^\s*[[{]\s*(?:["{[\]}]|$)/),
  },
  { what: 'a web page', wayOut: 'Download the file itself, not the page that shows it.', matches: says(/^\s*<(?:!doctype html|html)/i) },
  {
    what: 'an executable or a kernel image',
    wayOut: 'Name the capture that it made.',
    matches: begins(0x7f, 0x45, 0x4c, 0x46),
  },
  {
    what: 'all zeros as far as looked at',
    wayOut: 'The capture was never written, or the machine stopped before it was: capture again.',
    matches: (head) => head.length >= 16 && head.every((byte) => byte === 0),
  },
  {
    what: 'text whose lines end in CR alone',
    wayOut: "Convert it: tr '\\r' '\\n' < FILE | bellwether ingest -",
    matches: says(/^[^\n\0]*\r[^\n\0]+\r[^\n\0]*$/),
  },
  {
    what: "text with events of QEMU's NVMe device behind something else on their lines",
    wayOut: 'Read each line from its event on, with --format qemu-log; time stamps other than QEMU\'s are left out then.',
    matches: (head) => BEHIND_TEXT.test(latin1(head, 0, head.length)),
  },
];

/** A name at most 300 characters behind the start of its line, and the blank behind it. */
const BEHIND_TEXT = /^[^\n\0]{1,300}\bpci_nvme_[a-z0-9_]+ [A-Za-z0-9]/m;
const TAR_MAGIC_AT = 257;

/** `8,0    1        1     0.000000000   697  G   W 223490 + 8 [kjournald]` */
const BLKPARSE = /^\s*\d+,\d+\s+\d+\s+\d+\s+\d+\.\d{9}\s+\d+\s+[A-Z]{1,2}\s+[A-Z]+ /m;

/** Whether the (decompressed) source is a tar archive, by POSIX or GNU. [POSIX pax "ustar Interchange Format"] */
export function isArchive(head: Uint8Array): boolean {
  return latin1(head, TAR_MAGIC_AT, Math.min(head.length, TAR_MAGIC_AT + 5)) === 'ustar';
}

/** What a source of no known format is, by its first bytes; undefined when nothing is known of it. */
export function nearMiss(head: Uint8Array): NearMiss | undefined {
  const text = latin1(head, 0, Math.min(head.length, TEXT_BYTES));
  return NEAR_MISSES.find(({ matches }) => matches(head, text));
}

/** Both byte orders, with stamps in us or ns, and pcapng. */
function isPcap(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const magic = Buffer.from(head.subarray(0, 4)).readUInt32BE();
  return [0xa1b2_c3d4, 0xd4c3_b2a1, 0xa1b2_3c4d, 0x4d3c_b2a1, 0x0a0d_0d0a].includes(magic);
}

function isCtfMetadata(text: string): boolean {
  return text.startsWith('/* CTF 1.') || (text.charCodeAt(0) === 0x75 && text.charCodeAt(1) === 0xd1 && text.charCodeAt(2) === 0x1d && text.charCodeAt(3) === 0x57);
}

/** A record of type 1, a plausible event, and a length of arguments of eight bytes or with a string. */
function isBareSimple(head: Uint8Array): boolean {
  if (head.length < 32) return false;
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const length = view.readUInt32LE(24);
  return view.readBigUInt64LE(0) === 1n && view.readBigUInt64LE(8) < 100_000n && length >= 24 && length <= 24 + 10 * 516;
}
