// The fields of a kernel event in its printed text, in both shapes that occur. [LINUX drivers/nvme/host/trace.c,
// arch/x86/kvm/trace.h; libtraceevent event-parse.c]
//
//   printed    nvme0: disk=nvme0n1, qid=1, cmdid=576, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read slba=8, len=7, ...)
//              mmio write len 4 gpa 0xfebf1008 val 0x2
//   dumped     [FAILED TO PARSE] disk=nvme0n1 ctrl_id=0 qid=1 opcode=2 ... cid=576 ... cdw10=ARRAY[08, 00, ...]
// The second is what trace-cmd and perf print of events whose format calls functions of the kernel.

import { DIGIT_VALUES, LOWER_A, SPACE, ascii, indexOfLiteral, isDigit, latin1, matchesAt } from '../../base/bytes.js';
import { EXIT_REASONS } from './exit-reasons.js';
import type { ExitReason } from './exit-reasons.js';
import type { FieldReader } from './fields.js';
import { OPCODE_BY_NAME } from './opcode-names.js';

/** What stands before a field's value: the text of each shape where they differ, else ` name=` in both. */
const SPELLINGS: readonly (readonly [name: string, printed?: string])[] = [
  ['ctrl_id'], ['qid'], ['cid', ' cmdid='], ['opcode'], ['status'], ['slba'], ['len'], ['cdw10'],
  ['type'], ['gpa', ' gpa '], ['val', ' val '], ['exit_reason'], ['isa'], ['info2'],
  ['address'], ['data'], ['sqid'], ['cqid'], ['qsize'], ['cq_flags'], ['irq_vector'],
];

interface Keys {
  readonly printed: Uint8Array;
  readonly dumped: Uint8Array;
}

const KEYS: ReadonlyMap<string, Keys> = new Map(
  SPELLINGS.map(([name, printed = ` ${name}=`]) => [name, { printed: ascii(printed), dumped: ascii(` ${name}=`) }]),
);

const DUMPED = ascii('[FAILED TO PARSE] ');
const NVME = ascii('nvme');
const COMMAND = ascii(' cmd=(');
const MMIO = ascii('mmio ');
const MMIO_TYPES = [ascii('unsatisfied-read '), ascii('read '), ascii('write ')] as const;
/** kvm_mmio's length isn't written as that of an NVMe command is. */
const MMIO_LENGTH = ascii(' len ');
const DST = ascii(' dst ');
const VEC = ascii(' vec ');
const REASON = ascii(' reason ');
const RIP = ascii(' rip ');
const INFO2 = ascii(' info2 ');
const INFO = ascii(' info ');
const ARRAY = ascii('ARRAY[');

const COLON = 0x3a;
const CLOSING = 0x29;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const LOWER_X = 0x78;
const MAX_NAME_BYTES = 64;

/** Reads fields from text. One belongs to one decoder. */
export class TextFields implements FieldReader {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  private dumped = false;
  /** Behind the field that was found last: they are asked for in the order of the text, mostly. */
  private at = 0;
  /** The array that was found last in this text, and where its first byte stands. */
  private arrayName = '';
  private arrayStart = 0;
  /** The name of the last opcode with its end, and its number: the next command has the same, mostly. */
  private opcodeName: Uint8Array = new Uint8Array(0);
  private opcode = NaN;
  /** The last reason's name with what ends it, and what it means. */
  private reasonName: Uint8Array = new Uint8Array(0);
  private lastReason: ExitReason | undefined;
  private reason: ExitReason | undefined;
  /** Whether `reason` is that of this text. */
  private reasonRead = false;

  /** Looks at the text in [start, end); the byte before it is a blank. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.dumped = matchesAt(bytes, start, end, DUMPED);
    this.at = start - 1;
    this.reasonRead = false;
    this.arrayName = '';
  }

  /** Whether it is in the shape of trace-cmd and perf. */
  get isDumped(): boolean {
    return this.dumped;
  }

  number(name: string): number {
    if (!this.dumped) {
      switch (name) {
        case 'ctrl_id':
          return this.controllerNumber();
        case 'opcode':
          return this.opcodeNumber();
        case 'type':
          return this.accessType();
        case 'exit_reason':
          return this.exitReason()?.reason ?? NaN;
        case 'isa':
          return this.exitReason()?.isa ?? NaN;
        case 'info2':
          return this.secondInfo();
        case 'dst:16':
          return this.digitsBehind(DST, 16);
        case 'dst:10':
          return this.digitsBehind(DST, 10);
        case 'vec:16':
          return this.digitsBehind(VEC, 16);
        case 'vec:10':
          return this.digitsBehind(VEC, 10);
        case 'len':
          if (matchesAt(this.bytes, this.start, this.end, MMIO)) return this.numberBehind(MMIO_LENGTH);
          break;
        default:
          break;
      }
    }
    // In a dump it stands before the cid, in print behind it: whoever asks goes by the print.
    if (name === 'opcode') this.at = this.start - 1;
    const keys = KEYS.get(name);
    return keys === undefined ? NaN : this.numberBehind(this.dumped ? keys.dumped : keys.printed);
  }

  littleEndian(name: string, offset: number, size: number): number {
    const keys = KEYS.get(name);
    if (keys === undefined || (this.arrayName !== name && !this.findArray(name, keys))) return NaN;
    const { bytes, end } = this;
    // `00 08 ` or `00, 08, `.
    const stride = this.dumped ? 4 : 3;
    let at = this.arrayStart + (offset + size - 1) * stride;
    if (at + 2 > end) return NaN;
    let value = 0;
    for (let i = 0; i < size; i++, at -= stride) {
      const high = DIGIT_VALUES[bytes[at]!]!;
      const low = DIGIT_VALUES[bytes[at + 1]!]!;
      if (high > 15 || low > 15) return NaN;
      value = value * 256 + high * 16 + low;
    }
    return value;
  }

  private findArray(name: string, { dumped }: Keys): boolean {
    if (!this.find(dumped)) return false;
    const { bytes, at, end } = this;
    this.arrayStart = matchesAt(bytes, at, end, ARRAY) ? at + ARRAY.length : at;
    this.arrayName = name;
    return true;
  }

  /** Moves behind `literal`, which begins with a blank: seeking onwards first, then from the start. */
  private find(literal: Uint8Array): boolean {
    const { start, end, at: from } = this;
    let found = this.seek(literal, from, end);
    if (found === -1 && from >= start) found = this.seek(literal, start - 1, Math.min(end, from + literal.length));
    if (found === -1) return false;
    this.at = found + literal.length;
    return true;
  }

  private seek(literal: Uint8Array, from: number, end: number): number {
    const { bytes } = this;
    const second = literal[1];
    const third = literal[2];
    const last = end - literal.length;
    for (let at = from; at <= last; at++) {
      // Blanks are frequent, so the letters behind tell sooner.
      if (bytes[at + 1] === second && bytes[at + 2] === third && matchesAt(bytes, at, end, literal)) return at;
    }
    return -1;
  }

  private numberBehind(literal: Uint8Array): number {
    return this.find(literal) ? this.numberHere() : NaN;
  }

  /** A whole number at the position, in the base that its spelling says; NaN when other characters follow at once. */
  private numberHere(): number {
    const { bytes, end } = this;
    let at = this.at;
    const negative = at < end && bytes[at] === MINUS;
    if (negative) at += 1;
    const hex = at + 1 < end && bytes[at] === DIGIT_0 && bytes[at + 1] === LOWER_X;
    if (hex) at += 2;
    const value = this.digits(at, hex ? 16 : 10);
    return negative ? -value : value;
  }

  /** Digits without a prefix that would tell their base. */
  private digitsBehind(literal: Uint8Array, base: number): number {
    return this.find(literal) ? this.digits(this.at, base) : NaN;
  }

  private digits(from: number, base: number): number {
    const { bytes, end } = this;
    let at = from;
    let value = 0;
    for (; at < end; at++) {
      const digit = DIGIT_VALUES[bytes[at]!]!;
      if (digit >= base) break;
      value = value * base + digit;
    }
    if (at === from || (at < end && !endsNumber(bytes[at]!))) return NaN;
    this.at = at;
    return value;
  }

  /** `nvme0: ` at the start; Linux 4.16 to 4.18 print no controller, there is one. */
  private controllerNumber(): number {
    const { bytes, start, end } = this;
    if (!matchesAt(bytes, start, end, NVME)) return 0;
    this.at = start + NVME.length;
    const value = this.digits(this.at, 10);
    return this.at < end && bytes[this.at] === COLON ? value : NaN;
  }

  private opcodeNumber(): number {
    if (!this.find(COMMAND)) return NaN;
    const { bytes, at, end } = this;
    if (this.opcodeName.length > 0 && matchesAt(bytes, at, end, this.opcodeName)) return this.opcode;
    let nameEnd = at;
    while (nameEnd < end && bytes[nameEnd] !== SPACE && bytes[nameEnd] !== CLOSING) nameEnd += 1;
    if (nameEnd === end || nameEnd - at > MAX_NAME_BYTES) return NaN;
    const name = latin1(bytes, at, nameEnd);
    this.opcodeName = ascii(latin1(bytes, at, nameEnd + 1));
    this.opcode = OPCODE_BY_NAME.get(name) ?? (/^0x[0-9a-f]+$/.test(name) ? Number(name) : NaN);
    return this.opcode;
  }

  private accessType(): number {
    const { bytes, start, end } = this;
    if (!matchesAt(bytes, start, end, MMIO)) return NaN;
    return MMIO_TYPES.findIndex((type) => matchesAt(bytes, start + MMIO.length, end, type));
  }

  /** `[vcpu 0 ]reason NAME rip ...`, with the flag FAILED_VMENTRY behind the name or without. */
  private exitReason(): ExitReason | undefined {
    if (this.reasonRead) return this.reason;
    this.reasonRead = true;
    this.reason = undefined;
    if (!this.find(REASON)) return undefined;
    const { bytes, at, end } = this;
    if (this.reasonName.length > 0 && matchesAt(bytes, at, end, this.reasonName)) {
      this.reason = this.lastReason;
      return this.reason;
    }
    const nameEnd = indexOfLiteral(bytes, at, Math.min(end, at + MAX_NAME_BYTES), RIP);
    if (nameEnd === -1) return undefined;
    const name = latin1(bytes, at, nameEnd).replace(/ FAILED_VMENTRY$/, '');
    this.reasonName = ascii(latin1(bytes, at, nameEnd + RIP.length));
    this.lastReason = EXIT_REASONS.get(name) ?? (/^0x[0-9a-f]{1,8}$/.test(name) ? { isa: NaN, reason: Number(name) } : undefined);
    this.reason = this.lastReason;
    return this.reason;
  }

  /** `info1 0x.. info2 0x..` since Linux 5.10, `info X Y` in bare hexadecimal before and from trace-cmd. */
  private secondInfo(): number {
    if (this.find(INFO2)) return this.numberHere();
    if (!this.find(INFO)) return NaN;
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && bytes[at] !== SPACE) at += 1;
    return this.digits(at + 1, 16);
  }
}

/** Neither a letter nor a digit. */
function endsNumber(byte: number): boolean {
  const letter = (byte | 0x20) - LOWER_A;
  return !isDigit(byte) && (letter < 0 || letter > 25);
}
