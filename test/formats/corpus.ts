// Small sound files of every format, to be damaged.

import { declaredFormat } from '../../src/formats/declared/declared.js';
import { declarationSchema } from '../../src/formats/declared/schema.js';
import type { NamedText, TraceFormat } from '../../src/formats/format.js';
import { FORMATS } from '../../src/formats/registry.js';
import { writeTraceDat, commands, timeShift } from '../support/trace-dat.js';
import { SimpleWriter } from './simple-writer.js';
import { asLttngText, asSimple, asSimpletraceText, asStap, asSyslog, recordsOf } from './spoken.js';
import { fixtureBytes, fixtureCases } from './support.js';

/** What of a text fixture is taken: its beginning, and a piece from its middle. */
const TEXT_BYTES = 6000;

export interface Target {
  readonly id: string;
  readonly format: TraceFormat;
  readonly corpus: readonly Buffer[];
  readonly eventsFile?: NamedText;
}

const EVENTS_FILE: NamedText = {
  path: 'trace-events-all',
  text: [
    'breakpoint_insert(uint64_t addr, const char *name) "addr 0x%"PRIx64" name %s"',
    'pci_nvme_mmio_write(uint64_t addr, uint64_t data, unsigned size) "addr 0x%"PRIx64" data 0x%"PRIx64" size %d"',
    'pci_nvme_mmio_doorbell_sq(uint16_t sqid, uint16_t new_tail) "sqid %"PRIu16" new_tail %"PRIu16""',
    '',
  ].join('\n'),
};

function textPieces(folder: string): Buffer[] {
  return [...fixtureCases(folder).values()].flatMap((file) => {
    const bytes = fixtureBytes(folder, file);
    const middle = bytes.indexOf(10, Math.floor(bytes.length / 2)) + 1;
    return bytes.length <= 2 * TEXT_BYTES ? [bytes] : [bytes.subarray(0, TEXT_BYTES), bytes.subarray(middle, middle + TEXT_BYTES)];
  });
}

/** A `simple` trace with few mappings: a real one begins with hundreds. */
function simpleTrace(version: number, littleEndian: boolean): Buffer {
  const writer = new SimpleWriter({ version, littleEndian });
  if (version === 4) {
    for (const [id, name] of ['breakpoint_insert', 'pci_nvme_mmio_write', 'pci_nvme_mmio_doorbell_sq', 'pci_nvme_io_cmd'].entries()) writer.mapping(id, name);
  }
  for (let i = 1; i < 40; i++) {
    writer.record(1, 1000 * i, 0x1008, i, 4).record(2, 1000 * i + 10, 1, i);
    if (version === 4) writer.record(3, 1000 * i + 20, i, 1, 1, 2, 'NVME_NVM_CMD_READ');
    if (i % 10 === 0) writer.dropped(1000 * i + 30, i);
  }
  return writer.bytes;
}

function traceDats(): Buffer[] {
  const records = commands(40).map((record, i) => (i === 20 ? { ...record, lost: 7 } : record));
  const buffers = [{ name: '', records }, { name: 'second', records: commands(5) }];
  const rate = Buffer.alloc(16);
  rate.writeUInt32LE(1, 0);
  return [
    writeTraceDat({ version: 6, pageBytes: 1024, buffers }),
    writeTraceDat({ version: 6, pageBytes: 1024, little: false, longBytes: 4, buffers: [{ name: '', records }] }),
    writeTraceDat({ version: 7, pageBytes: 1024, compression: 'none', buffers, options: [[7, '1000'], [12, timeShift(1, [[[0n, 5n], [9n, 7n]], [[0n, 3n]]])], [14, rate]] }),
    writeTraceDat({ version: 7, pageBytes: 1024, compression: 'zlib', little: false, buffers }),
    writeTraceDat({ version: 7, pageBytes: 4096, compression: 'zstd', buffers }),
  ].map(({ bytes }) => bytes);
}

/** Stamped lines from a place in a real log. */
function logLines(from: number, count: number): string[] {
  return fixtureBytes('qemu-log', 'randread32-on-1.qemu.log.gz').toString('latin1').split('\n').slice(from, from + count);
}

/** What the fixtures of a format are too few for: real records in its words, from bring-up and from the middle. */
function spoken(id: string): Buffer[] {
  const bytes = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const [begin, middle] = [logLines(0, 60), logLines(3000, 60)];
  if (id === 'qemu-stap') return [bytes(['Dumping trace events from pid 4711', ...asStap(begin)]), bytes(asStap(middle))];
  if (id === 'qemu-syslog') {
    return [
      bytes(asSyslog(begin, (second) => `Jun  9 10:20:${String(second).padStart(2, '0')}`)),
      bytes(asSyslog(middle, (second, micros) => `2026-06-09T10:20:${String(second).padStart(2, '0')}.${micros}+02:00`)),
      bytes(asSyslog(logLines(3000, 60).map((line) => line.replace(':', ':17@1601234567.000042:')), (second, micros) => `Dec 31 23:59:${String(second).padStart(2, '0')}.${micros}`)),
    ];
  }
  if (id !== 'qemu-simple' && id !== 'lttng-text' && id !== 'qemu-simpletrace-text') return [];
  const records = recordsOf(fixtureBytes('qemu-simple', 'randread32-on-first-4000.simple.gz'));
  const parts = [records.slice(0, 80), records.slice(2000, 2080)];
  if (id === 'qemu-simpletrace-text') return parts.map((part) => bytes(asSimpletraceText(part)));
  if (id === 'lttng-text') return parts.map((part, i) => bytes(asLttngText(part, i === 0 ? '' : '{ vpid = 4711, procname = "qemu" }, ')));
  // The last one holds two traces, one behind the other.
  return [...parts.flatMap((part) => [asSimple(part, true), asSimple(part, false)]), Buffer.concat(parts.map((part) => asSimple(part, true)))];
}

/** Every format of the registry, the declared one among them, with what it reads. */
export function targets(): readonly Target[] {
  const declared = declaredFormat(declarationSchema.parse(JSON.parse(fixtureBytes('declared', 'bpftrace.json').toString())));
  return [
    ...FORMATS.map((format): Target => {
      const { id } = format;
      if (id === 'trace-dat') return { id, format, corpus: [...traceDats(), fixtureBytes(id, 'linux6.12-v7-zstd.dat.gz')] };
      if (id !== 'qemu-simple') return { id, format, corpus: [...textPieces(id), ...spoken(id)] };
      return { id, format, corpus: [simpleTrace(4, true), simpleTrace(4, false), ...spoken(id)] };
    }),
    { id: 'qemu-simple-events-file', format: FORMATS.find(({ id }) => id === 'qemu-simple')!, corpus: [3, 2, 4].map((version) => simpleTrace(version, true)), eventsFile: EVENTS_FILE },
    { id: 'declared', format: declared, corpus: [fixtureBytes('declared', 'bpftrace.txt.gz').subarray(0, TEXT_BYTES)] },
  ];
}
