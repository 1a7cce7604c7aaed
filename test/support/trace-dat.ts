// A small writer of trace.dat files, for the shapes that no capture at hand has: version 6 and 7, every compression,
// both byte orders, both sizes of a long, lost records, discarded ones, absolute stamps, several buffers.
// [trace-cmd.dat.v6(5), trace-cmd.dat.v7(5), LINUX kernel/trace/ring_buffer.c]

import { deflateSync } from 'node:zlib';
import { ensure } from '../../src/base/assert.js';

/** `list[index]`, which must be there. */
export function nth<T>(list: readonly T[], index: number): T {
  return ensure(list[index], `element ${index}`);
}

/** A field of an event: type as C has it, name with its brackets. */
export interface FieldSpec {
  readonly decl: string;
  readonly offset: number;
  readonly size: number;
  readonly signed?: boolean;
}

export interface EventSpec {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  readonly fields: readonly FieldSpec[];
}

const COMMON: readonly FieldSpec[] = [
  { decl: 'unsigned short common_type', offset: 0, size: 2 },
  { decl: 'unsigned char common_flags', offset: 2, size: 1 },
  { decl: 'unsigned char common_preempt_count', offset: 3, size: 1 },
  { decl: 'int common_pid', offset: 4, size: 4, signed: true },
];

/** The nvme events as Linux 6.12 has them, and one that nobody knows. */
export const SETUP: EventSpec = {
  system: 'nvme', name: 'nvme_setup_cmd', id: 1499,
  fields: [
    { decl: 'char disk[32]', offset: 8, size: 32 }, { decl: 'int ctrl_id', offset: 40, size: 4, signed: true },
    { decl: 'int qid', offset: 44, size: 4, signed: true }, { decl: 'u8 opcode', offset: 48, size: 1 },
    { decl: 'u16 cid', offset: 52, size: 2 }, { decl: 'u32 nsid', offset: 56, size: 4 }, { decl: 'u8 cdw10[24]', offset: 61, size: 24 },
  ],
};
export const COMPLETE: EventSpec = {
  system: 'nvme', name: 'nvme_complete_rq', id: 1498,
  fields: [
    { decl: 'char disk[32]', offset: 8, size: 32 }, { decl: 'int ctrl_id', offset: 40, size: 4, signed: true },
    { decl: 'int qid', offset: 44, size: 4, signed: true }, { decl: 'int cid', offset: 48, size: 4, signed: true },
    { decl: 'u64 result', offset: 56, size: 8 }, { decl: 'u16 status', offset: 66, size: 2 },
  ],
};
export const UNKNOWN: EventSpec = { system: 'sched', name: 'sched_frobnicate', id: 77, fields: [] };
export const PRINT: EventSpec = {
  system: 'ftrace', name: 'print', id: 5,
  fields: [{ decl: 'unsigned long ip', offset: 8, size: 8 }, { decl: 'char buf[]', offset: 16, size: 0 }],
};
const EVENTS = [SETUP, COMPLETE, UNKNOWN];

/** A record, or what stands between records. */
export interface RecordSpec {
  readonly cpu: number;
  /** Of the clock, absolute. */
  readonly time: bigint;
  readonly event: EventSpec;
  readonly values?: Readonly<Record<string, number | bigint | string | Uint8Array>>;
  /** Bytes of the record's data; undefined: up to the end of the last field. */
  readonly bytes?: number;
  /** Records lost before this one: it begins a page. null: some, nobody knows how many. */
  readonly lost?: number | null;
  /** A record that was taken back is written before this one. */
  readonly afterDiscard?: boolean;
  /** Written with an absolute stamp in front instead of a delta. */
  readonly absolute?: boolean;
  /** Begins a page. */
  readonly newPage?: boolean;
}

export interface BufferSpec {
  readonly name: string;
  readonly clock?: string;
  readonly records: readonly RecordSpec[];
}

export interface TraceDatSpec {
  readonly version: 6 | 7;
  readonly compression?: 'none' | 'zlib' | 'zstd';
  readonly little?: boolean;
  readonly longBytes?: 4 | 8;
  readonly pageBytes?: number;
  readonly cpus?: number;
  readonly clock?: string;
  /** Number and data; text is encoded as Latin-1. */
  readonly options?: readonly (readonly [id: number, data: string | Uint8Array])[];
  readonly buffers: readonly BufferSpec[];
}

/** A file, and where the data of its buffers' CPUs begin. */
export interface WrittenTraceDat {
  readonly bytes: Buffer;
  readonly dataAt: readonly number[];
}

/** Numbers in the file's byte order. */
class Pack {
  readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }

  number(value: number | bigint, size: number): Buffer {
    const bytes = Buffer.alloc(size);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < size; i++, rest >>= 8n) bytes[this.little ? i : size - 1 - i] = Number(rest & 0xffn);
    return bytes;
  }

  u16 = (value: number): Buffer => this.number(value, 2);
  u32 = (value: number | bigint): Buffer => this.number(value, 4);
  u64 = (value: number | bigint): Buffer => this.number(value, 8);

  sized(text: string): Buffer {
    return Buffer.concat([this.u64(text.length), Buffer.from(text, 'latin1')]);
  }
}

function fieldLine({ decl, offset, size, signed }: FieldSpec): string {
  return `\tfield:${decl};\toffset:${offset};\tsize:${size};\tsigned:${signed === true ? 1 : 0};\n`;
}

function formatText(event: EventSpec): string {
  const fields = [...COMMON.map(fieldLine), '\n', ...event.fields.map(fieldLine)].join('');
  return `name: ${event.name}\nID: ${event.id}\nformat:\n${fields}\nprint fmt: ""\n`;
}

function recordData(p: Pack, { event, values = {}, bytes }: RecordSpec): Buffer {
  const fields = [...COMMON, ...event.fields];
  const data = Buffer.alloc(bytes ?? Math.max(...fields.map(({ offset, size }) => offset + size)));
  for (const { decl, offset, size } of fields) {
    const name = ensure(/(\w+)(?:\[.*)?$/.exec(decl)?.[1], 'name');
    const value = name === 'common_type' ? event.id : values[name];
    if (value === undefined || offset >= data.length) continue;
    const encoded = typeof value === 'string' ? Buffer.from(`${value}\0`, 'latin1') : value instanceof Uint8Array ? value : p.number(value, size);
    data.set(encoded.subarray(0, data.length - offset), offset);
  }
  return data;
}

function word(p: Pack, type: number, delta: number): Buffer {
  return p.u32(p.little ? (BigInt(delta) << 5n) | BigInt(type) : (BigInt(type) << 27n) | BigInt(delta));
}

/** The record's bytes in a page that stands at `time`. */
function encodeRecord(p: Pack, record: RecordSpec, time: bigint): Buffer {
  const parts: Buffer[] = [];
  let from = time;
  if (record.afterDiscard === true && record.time > time) {
    parts.push(word(p, 29, 1), p.u32(12), Buffer.alloc(8));
    from += 1n;
  }
  let delta = record.time - from;
  if (record.absolute === true) {
    const stamp = BigInt.asUintN(59, record.time);
    parts.push(word(p, 31, Number(stamp & 0x7ff_ffffn)), p.u32(stamp >> 27n));
    delta = 0n;
  } else if (delta >= 1n << 27n) {
    parts.push(word(p, 30, Number(delta & 0x7ff_ffffn)), p.u32(delta >> 27n));
    delta = 0n;
  }
  const data = recordData(p, record);
  const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
  if (padded.length > 0 && padded.length <= 28 * 4) parts.push(word(p, padded.length / 4, Number(delta)));
  else parts.push(word(p, 0, Number(delta)), p.u32(data.length + 4));
  return Buffer.concat([...parts, padded]);
}

/** The pages of one CPU, each full length. */
function pagesOf(p: Pack, records: readonly RecordSpec[], pageBytes: number, longBytes: 4 | 8): Buffer {
  const pages: Buffer[] = [];
  const room = pageBytes - 8 - longBytes;
  let parts: Buffer[] = [];
  let used = 0;
  let pageTime = 0n;
  let time = 0n;
  let lost: number | null | undefined;
  const finish = (): void => {
    if (used === 0) return;
    const stored = typeof lost === 'number' && used + longBytes <= room;
    const flags = lost === undefined ? 0 : 0x8000_0000 + (stored ? 0x4000_0000 : 0);
    const tail = stored ? p.number(lost ?? 0, longBytes) : Buffer.alloc(0);
    const page = Buffer.concat([p.u64(pageTime), p.number(used + flags, longBytes), ...parts, tail]);
    pages.push(Buffer.concat([page, Buffer.alloc(pageBytes - page.length)]));
    parts = [];
    used = 0;
  };
  for (const record of records) {
    const tooFull = used + encodeRecord(p, record, time).length > room;
    if (used === 0 || tooFull || record.lost !== undefined || record.newPage === true) {
      finish();
      lost = record.lost;
      pageTime = record.time;
      time = record.time;
    }
    const bytes = encodeRecord(p, record, time);
    parts.push(bytes);
    used += bytes.length;
    ({ time } = record);
  }
  finish();
  return Buffer.concat(pages);
}

/** A zstd frame of raw blocks, without content size. [RFC 8878] */
function storedZstd(plain: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < plain.length; at += 0x10000) {
    const piece = plain.subarray(at, at + 0x10000);
    const header = Buffer.alloc(3);
    header.writeUIntLE((piece.length << 3) | (at + 0x10000 >= plain.length ? 1 : 0), 0, 3);
    blocks.push(header, Buffer.from(piece));
  }
  return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58), ...blocks]);
}

function compress(p: Pack, compression: string, plain: Uint8Array): Buffer {
  const stored = compression === 'zlib' ? deflateSync(plain) : storedZstd(plain);
  return Buffer.concat([p.u32(stored.length), p.u32(plain.length), stored]);
}

function headerInfo(p: Pack, pageBytes: number, longBytes: number): Buffer {
  const page = [
    fieldLine({ decl: 'u64 timestamp', offset: 0, size: 8 }), fieldLine({ decl: 'local_t commit', offset: 8, size: longBytes, signed: true }),
    fieldLine({ decl: 'char data', offset: 8 + longBytes, size: pageBytes - 8 - longBytes, signed: true }),
  ].join('');
  const event =
    '# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n' +
    '\tpadding     : type == 29\n\ttime_extend : type == 30\n\ttime_stamp : type == 31\n\tdata max type_len  == 28\n';
  return Buffer.concat([Buffer.from('header_page\0'), p.sized(page), Buffer.from('header_event\0'), p.sized(event)]);
}

function systems(p: Pack, events: readonly EventSpec[]): Buffer {
  const names = [...new Set(events.map(({ system }) => system))].filter((name) => name !== 'ftrace');
  const parts = names.map((name) => {
    const own = events.filter(({ system }) => system === name);
    return Buffer.concat([Buffer.from(`${name}\0`), p.u32(own.length), ...own.map((event) => p.sized(formatText(event)))]);
  });
  return Buffer.concat([p.u32(names.length), ...parts]);
}

/** The name of a part of version 6. */
function part(name: string): Buffer {
  return Buffer.from(`${name.padEnd(9, ' ')}\0`);
}

function align(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

/** Writes a file; the tables stand before the data in both versions. */
export function writeTraceDat(spec: TraceDatSpec): WrittenTraceDat {
  const { little = true, longBytes = 8, pageBytes = 4096, cpus = 2, clock = 'local', compression = 'none', options = [] } = spec;
  const p = new Pack(little);
  const used = spec.buffers.flatMap(({ records }) => records.map(({ event }) => event));
  const events = [...new Set([...EVENTS, ...used])];
  const data = spec.buffers.map(({ records }) =>
    Array.from({ length: cpus }, (_, cpu) => pagesOf(p, records.filter((record) => record.cpu === cpu), pageBytes, longBytes)),
  );
  const initial = [Buffer.of(0x17, 0x08, 0x44), Buffer.from(`tracing${spec.version}\0`), Buffer.of(little ? 0 : 1, longBytes), p.u32(pageBytes)];
  const ftrace = events.filter(({ system }) => system === 'ftrace').map((event) => p.sized(formatText(event)));
  const tables = {
    header: headerInfo(p, pageBytes, longBytes),
    ftrace: Buffer.concat([p.u32(ftrace.length), ...ftrace]),
    systems: systems(p, events),
    cmdlines: p.sized('182 fio\n183 fio\n'),
  };
  const optionBytes = (id: number, bytes: Uint8Array): Buffer => Buffer.concat([p.u16(id), p.u32(bytes.length), bytes]);
  const named = options.map(([id, bytes]) => optionBytes(id, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
  return spec.version === 6 ? version6() : version7();

  function version6(): WrittenTraceDat {
    const clocks = p.sized(`[${clock}] other`);
    // The places don't change the sizes, so the file is laid out twice.
    let places: number[][] = data.map((own) => own.map(() => 0));
    let instanceAt = spec.buffers.map(() => 0);
    let bytes: Buffer = Buffer.alloc(0);
    for (let pass = 0; pass < 2; pass++) {
      const table = (i: number): Buffer => Buffer.concat(nth(data, i).flatMap((own, cpu) => [p.u64(nth(nth(places, i), cpu)), p.u64(own.length)]));
      const instances = spec.buffers.slice(1).map(({ name }, i) => optionBytes(3, Buffer.concat([p.u64(nth(instanceAt, i + 1)), Buffer.from(`${name}\0`)])));
        bytes = Buffer.concat([
        ...initial, tables.header, tables.ftrace, tables.systems, p.u32(0), p.u32(0), tables.cmdlines, p.u32(cpus),
        part('options'), optionBytes(4, Buffer.alloc(0)), ...named, ...instances, p.u16(0), part('flyrecord'), table(0), clocks,
      ]);
      instanceAt = [];
      for (let i = 0; i < data.length; i++) {
        instanceAt.push(bytes.length);
        if (i > 0) bytes = Buffer.concat([bytes, part('options'), optionBytes(4, Buffer.alloc(0)), p.u16(0), part('flyrecord'), table(i), clocks]);
      }
      places = data.map((own) =>
        own.map((pages) => {
          bytes = align(bytes, pageBytes);
          const at = bytes.length;
          bytes = Buffer.concat([bytes, pages]);
          return at;
        }),
      );
    }
    return { bytes, dataAt: places.flat() };
  }

  function version7(): WrittenTraceDat {
    const flag = compression === 'none' ? 0 : 1;
    const section = (id: number, body: Buffer): Buffer => {
      const stored = flag === 0 || id === 0 ? body : compress(p, compression, body);
      return Buffer.concat([p.u16(id), p.u16(id === 0 ? 0 : flag), p.u32(0), p.u64(stored.length), stored]);
    };
    const stored = data.map((own) => own.map((pages) => (flag === 0 || pages.length === 0 ? pages : chunked(pages))));
    const sections: [number, Buffer][] = [[16, tables.header], [17, tables.ftrace], [18, tables.systems], [21, tables.cmdlines]];
    let places: number[][] = stored.map((own) => own.map(() => 0));
    let sectionAt = spec.buffers.map(() => 0);
    let optionsAt = 0;
    let bytes: Buffer = Buffer.alloc(0);
    for (let pass = 0; pass < 2; pass++) {
      bytes = Buffer.concat([...initial, Buffer.from(`${compression}\0`), Buffer.from('1\0'), p.u64(optionsAt)]);
      const body: Buffer[] = [];
      for (const [id, table] of sections) {
        body.push(optionBytes(id, p.u64(bytes.length)));
        bytes = Buffer.concat([bytes, section(id, table)]);
      }
      for (const [i, buffer] of spec.buffers.entries()) {
        const cpuTable = nth(stored, i).flatMap((own, cpu) => [p.u32(cpu), p.u64(nth(nth(places, i), cpu)), p.u64(own.length)]);
        const names = Buffer.from(`${buffer.name}\0${buffer.clock ?? clock}\0`);
        body.push(optionBytes(3, Buffer.concat([p.u64(nth(sectionAt, i)), names, p.u32(pageBytes), p.u32(cpus), ...cpuTable])));
      }
      optionsAt = bytes.length;
      body.push(optionBytes(8, p.u32(cpus)), optionBytes(4, Buffer.from(`[${clock}] other\0`)), ...named, optionBytes(0, p.u64(0)));
      bytes = Buffer.concat([bytes, section(0, Buffer.concat(body))]);
      sectionAt = [];
      places = stored.map((own) => {
        sectionAt.push(bytes.length);
        bytes = Buffer.concat([bytes, p.u16(3), p.u16(flag), p.u32(0), p.u64(own.reduce((sum, pages) => sum + pages.length, 0))]);
        return own.map((pages) => {
          bytes = align(bytes, pageBytes);
          const at = bytes.length;
          bytes = Buffer.concat([bytes, pages]);
          return at;
        });
      });
    }
    return { bytes, dataAt: places.flat() };
  }

  /** Chunks of two pages. */
  function chunked(pages: Buffer): Buffer {
    const chunks: Buffer[] = [];
    for (let at = 0; at < pages.length; at += 2 * pageBytes) chunks.push(compress(p, compression, pages.subarray(at, at + 2 * pageBytes)));
    return Buffer.concat([p.u32(chunks.length), ...chunks]);
  }
}

/** The data of an option of little-endian 32-bit and 64-bit numbers. */
function numbers(...list: readonly (number | bigint)[]): Buffer {
  return Buffer.concat(list.map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes.subarray(0, typeof value === 'bigint' ? 8 : 4);
  }));
}

/** The option TSC2NSEC. */
export function rate(mult: number, shift: number): Buffer {
  return numbers(mult, shift, 0n);
}

/** The option TIME_SHIFT: for each CPU its samples of time and offset, with a scaling of 1. */
export function timeShift(flags: number, cpus: readonly (readonly (readonly [time: bigint, offset: bigint])[])[], fractionBits = 0n, scaling = 1n << fractionBits): Buffer {
  const tables = cpus.flatMap((samples) => [samples.length, ...samples.map(([time]) => time), ...samples.map(([, offset]) => offset), ...samples.map(() => scaling)]);
  return numbers(77n, flags, cpus.length, ...tables, ...cpus.flatMap((samples) => samples.map(() => fractionBits)));
}

/** `count` commands on two CPUs, each set up and, 20 us later, completed; 10 us apart from `start` on. */
export function commands(count: number, start = 5_000_000_000n): RecordSpec[] {
  const records: RecordSpec[] = [];
  for (let i = 0; i < count; i++) {
    const cpu = i % 2;
    const cdw10 = Buffer.alloc(24);
    cdw10.writeBigUInt64LE(BigInt(8 * i));
    cdw10.writeUInt16LE(7, 8);
    const of = { common_pid: 100 + cpu, ctrl_id: 0, qid: cpu + 1, cid: 0x1000 + i };
    const time = start + BigInt(i) * 10_000n;
    records.push({ cpu, time, event: SETUP, values: { ...of, disk: 'nvme0n1', opcode: 2, nsid: 1, cdw10 } });
    records.push({ cpu, time: time + 20_000n, event: COMPLETE, values: { ...of, disk: 'nvme0n1', result: 0, status: 0 } });
  }
  return records.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
