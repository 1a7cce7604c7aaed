// Reading ASCII out of bytes without making strings: the primitives of the text scanners.
// Every byte is harmless here, NUL and broken UTF-8 included: what isn't the wanted character ends a number or a match.

export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DIGIT_0 = 0x30;
export const UNDERSCORE = 0x5f;
export const LOWER_A = 0x61;
const LOWER_X = 0x78;
const MINUS = 0x2d;

/** In DIGIT_VALUES: above every base. */
const NO_DIGIT = 0xff;
/** The value of a byte as a digit of base 16 in either case; at least 16 for every other byte. */
export const DIGIT_VALUES: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});

/** The bytes of an ASCII text, for comparisons. A Buffer, like the chunks it is compared with: one hidden class, faster loops. */
export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Bytes [start, end) as text, one character per byte. For the few pieces of a capture that are kept as text. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);
}

/** Whether `literal` stands at `at` and ends at or before `end`. */
export function matchesAt(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): boolean {
  const { length } = literal;
  if (at + length > end) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[at + i] !== literal[i]) return false;
  }
  return true;
}

/** The first position of `literal` within [start, end), or -1. */
export function indexOfLiteral(bytes: Uint8Array, start: number, end: number, literal: Uint8Array): number {
  const first = literal[0];
  const last = end - literal.length;
  for (let at = start; at <= last; at++) {
    if (bytes[at] === first && matchesAt(bytes, at, end, literal)) return at;
  }
  return -1;
}

export function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_0 + 9;
}

/** a-z, 0-9 and _: what the names of trace events are made of. */
export function isNameByte(byte: number): boolean {
  return (byte >= LOWER_A && byte <= LOWER_A + 25) || byte === UNDERSCORE || isDigit(byte);
}

/**
 * A reading position in a piece of a line.
 * Numbers come back as a whole number up to 2^53 - 1, as Infinity when the digits stand for more than that,
 * and as NaN when no number stands here; then the position doesn't move.
 */
export class AsciiCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Nothing at or behind this position is read. */
  end = 0;

  reset(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Steps over `literal` if it stands here. */
  literal(literal: Uint8Array): boolean {
    if (!matchesAt(this.bytes, this.at, this.end, literal)) return false;
    this.at += literal.length;
    return true;
  }

  /** Steps over one byte if it stands here. */
  byte(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  /** An unsigned decimal number. */
  decimal(): number {
    return this.number(this.at, 10);
  }

  /** A decimal number with an optional minus sign; -Infinity below -(2^53 - 1). */
  signed(): number {
    const start = this.at;
    if (!this.byte(MINUS)) return this.decimal();
    const value = this.decimal();
    if (Number.isNaN(value)) this.at = start;
    return -value;
  }

  /** A hexadecimal number behind `0x`. */
  hex(): number {
    const { bytes, at } = this;
    if (at + 2 > this.end || bytes[at] !== DIGIT_0 || bytes[at + 1] !== LOWER_X) return NaN;
    return this.number(at + 2, 16);
  }

  /** A number of exactly `count` decimal digits, at most 15. */
  digits(count: number): number {
    const { bytes, at } = this;
    if (at + count > this.end) return NaN;
    let value = 0;
    for (let i = at; i < at + count; i++) {
      const digit = DIGIT_VALUES[bytes[i]!]!;
      if (digit > 9) return NaN;
      value = value * 10 + digit;
    }
    this.at = at + count;
    return value;
  }

  private number(start: number, base: number): number {
    const { bytes, end } = this;
    let at = start;
    let value = 0;
    for (; at < end; at++) {
      const digit = DIGIT_VALUES[bytes[at]!]!;
      if (digit >= base) break;
      value = value * base + digit;
    }
    if (at === start) return NaN;
    this.at = at;
    return value <= Number.MAX_SAFE_INTEGER ? value : Infinity;
  }
}
