// Writes files of QEMU's `simple` backend, for the tests: any version, either byte order.

/** A record's argument: a number or, of type `const char *`, a text. */
export type Arg = number | bigint | string;

export interface WriterOptions {
  readonly version?: number;
  readonly littleEndian?: boolean;
}

/** Collects the bytes of a trace. */
export class SimpleWriter {
  private readonly parts: Buffer[] = [];
  private readonly version: number;
  private readonly littleEndian: boolean;

  constructor({ version = 4, littleEndian = true }: WriterOptions = {}) {
    this.version = version;
    this.littleEndian = littleEndian;
    this.u64(0xffff_ffff_ffff_ffffn).u64(0xf2b1_77cb_0aa4_29b4n).u64(version);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  u64(value: number | bigint): this {
    const bytes = Buffer.alloc(8);
    const wide = BigInt.asUintN(64, BigInt(value));
    if (this.littleEndian) bytes.writeBigUInt64LE(wide);
    else bytes.writeBigUInt64BE(wide);
    this.parts.push(bytes);
    return this;
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    if (this.littleEndian) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    this.parts.push(bytes);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  mapping(id: number, name: string): this {
    return this.u64(0).u64(id).u32(name.length).raw(Buffer.from(name));
  }

  record(id: number | bigint, ns: number | bigint, ...args: readonly Arg[]): this {
    const length = args.reduce((sum: number, arg) => sum + (typeof arg === 'string' ? 4 + arg.length : 8), 24);
    if (this.version === 4) this.u64(1);
    this.u64(id).u64(ns).u32(length).u32(4711);
    for (const arg of args) {
      if (typeof arg === 'string') this.u32(arg.length).raw(Buffer.from(arg));
      else this.u64(arg);
    }
    return this;
  }

  dropped(ns: number, amount: number | bigint): this {
    return this.record(0xffff_ffff_ffff_fffen, ns, amount);
  }
}

/** The same trace in the other byte order; the trace must be whole and of version 4. */
export function byteSwapped(trace: Buffer, layouts: (name: string, bytes: number) => readonly boolean[]): Buffer {
  const out = Buffer.from(trace);
  const names = new Map<bigint, string>();
  const swap = (place: number, bytes: number): void => out.set(out.subarray(place, place + bytes).toReversed(), place);
  let at = 0;
  for (; at < 24; at += 8) swap(at, 8);
  while (at < trace.length) {
    const isMapping = trace.readBigUInt64LE(at) === 0n;
    const id = trace.readBigUInt64LE(at + 8);
    swap(at, 8);
    swap(at + 8, 8);
    if (isMapping) {
      const length = trace.readUInt32LE(at + 16);
      swap(at + 16, 4);
      names.set(id, trace.toString('latin1', at + 20, at + 20 + length));
      at += 20 + length;
      continue;
    }
    const end = at + 8 + trace.readUInt32LE(at + 24);
    swap(at + 16, 8);
    swap(at + 24, 4);
    swap(at + 28, 4);
    let arg = at + 32;
    for (const isString of layouts(names.get(id) ?? '', end - arg)) {
      swap(arg, isString ? 4 : 8);
      arg += isString ? 4 + trace.readUInt32LE(arg) : 8;
    }
    at = end;
  }
  return out;
}
