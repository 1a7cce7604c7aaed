// The records of a real binary trace, in the words of the tools that print or keep QEMU's events.

import { ensure } from '../../src/base/assert.js';
import { SimpleWriter } from './simple-writer.js';

export interface Record {
  readonly name: string;
  readonly ns: bigint;
  readonly args: readonly [name: string, value: bigint | string][];
}

/** Argument names of the events in the fixture, by their number of arguments, written down apart from the table. */
const ARGS: Readonly<{ [name: string]: string }> = {
  mmio_read: 'addr size', mmio_write: 'addr data size', mmio_doorbell_sq: 'sqid new_tail', mmio_doorbell_cq: 'cqid new_head',
  shadow_doorbell_sq: 'sqid new_shadow_doorbell', shadow_doorbell_cq: 'cqid new_shadow_doorbell', eventidx_sq: 'sqid new_eventidx',
  io_cmd: 'cid nsid sqid opcode $opname', admin_cmd: 'cid sqid opcode $opname', read: 'cid nsid nlb count lba',
  enqueue_req_completion: 'cid cqid dw0 dw1 status', irq_msix: 'vector', irq_pin: '', irq_masked: '',
  create_sq: 'addr sqid cqid qsize qflags', create_cq: 'addr cqid vector size qflags ien', del_sq: 'qid', del_cq: 'cqid',
  dbbuf_config: 'dbs_addr eis_addr', mmio_cfg: 'data', mmio_aqattr: 'data', mmio_asqaddr: 'data', mmio_asqaddr_hi: 'data new_addr',
  mmio_acqaddr: 'data', mmio_acqaddr_hi: 'data new_addr', mmio_start_success: '', mmio_stopped: '', mmio_shutdown_set: '',
};

/** The records of a binary trace. */
export function recordsOf(trace: Buffer): Record[] {
  const names = new Map<bigint, string>();
  const records: Record[] = [];
  for (let at = 24; at < trace.length; ) {
    const id = trace.readBigUInt64LE(at + 8);
    if (trace.readBigUInt64LE(at) === 0n) {
      const end = at + 20 + trace.readUInt32LE(at + 16);
      names.set(id, trace.toString('latin1', at + 20, end));
      at = end;
      continue;
    }
    const name = ensure(names.get(id), 'name');
    let arg = at + 32;
    const args = ensure(ARGS[name.replace('pci_nvme_', '')], name).split(' ').filter(Boolean).map((field): [string, bigint | string] => {
      if (!field.startsWith('$')) return [field, trace.readBigUInt64LE((arg += 8) - 8)];
      const end = arg + 4 + trace.readUInt32LE(arg);
      return [field.slice(1), trace.toString('latin1', arg + 4, end)];
    });
    records.push({ name, ns: trace.readBigUInt64LE(at + 16), args });
    at += 8 + trace.readUInt32LE(at + 24);
  }
  return records;
}

/** As simpletrace.py prints them: microseconds since the record before. */
export function asSimpletraceText(records: readonly Record[]): string[] {
  return records.map(({ name, ns, args }, i) => {
    const delta = Number(ns - ensure(records[Math.max(0, i - 1)], 'record').ns) / 1000;
    const fields = args.map(([field, value]) => ` ${field}=${typeof value === 'string' ? `b'${value}'` : `0x${value.toString(16)}`}`);
    return `${name} ${delta.toFixed(3)} pid=24977${fields.join('')}`;
  });
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** As babeltrace prints them, with what `context` adds behind the number of the CPU. */
export function asLttngText(records: readonly Record[], context = ''): string[] {
  return records.map(({ name, ns, args }) => {
    const seconds = Number(ns / 1_000_000_000n) % 86_400;
    const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => twoDigits(Math.floor(n))).join(':');
    const fields = args.map(([field, value], i) => `${field} = ${typeof value === 'string' ? JSON.stringify(value) : i % 2 === 0 ? value : `0x${value.toString(16).toUpperCase()}`}`);
    return `[${clock}.${String(ns % 1_000_000_000n).padStart(9, '0')}] (+0.000000001) host qemu:${name}: { cpu_id = 1 }, ${context}{ ${fields.join(', ')}${fields.length > 0 ? ' ' : ''}}`;
  });
}

/** As a binary trace that names only the events that it has. */
export function asSimple(records: readonly Record[], littleEndian: boolean): Buffer {
  const writer = new SimpleWriter({ littleEndian });
  const ids = new Map([...new Set(records.map(({ name }) => name))].map((name, i) => [name, 100 + i]));
  for (const [name, id] of ids) writer.mapping(id, name);
  for (const { name, ns, args } of records) writer.record(ensure(ids.get(name), 'id'), ns, ...args.map(([, value]) => value));
  return writer.bytes;
}

/** Lines of a QEMU log as qemu-trace-stap prints them, of two processes. */
export function asStap(log: readonly string[]): string[] {
  return log.map((line, i) => {
    const [, seconds = '', micros = '', text = ''] = ensure(/^\d+@(\d+)\.(\d{6}):(.*)$/.exec(line), 'a stamp');
    return `${4711 + Number(i % 50 > 40)}@${seconds}${micros}789 ${text}`;
  });
}

/** Lines of a QEMU log as a syslog daemon keeps them, with its notices among them. */
export function asSyslog(log: readonly string[], stamp: (second: number, micros: string) => string): string[] {
  return log.flatMap((line, i) => {
    const [, seconds = '', micros = '', text = ''] = ensure(/^\d+@(\d+)\.(\d{6}):(.*)$/.exec(line), 'a stamp');
    const at = `${stamp(Number(seconds) % 60, micros)} host`;
    const record = `${at} qemu-system-x86_64[${4711 + (i % 2)}]: ${text}`;
    if (i % 20 === 7) return [record, `${at} qemu-system-x86_64[4711]: message repeated 3 times: [ ${text}]`];
    if (i % 20 === 11) return [record, `${at} rsyslogd: imuxsock lost 7 messages from pid 4711 due to rate-limiting`];
    return i % 20 === 15 ? [record, `${at} systemd-journald[211]: Suppressed 12 messages from qemu.service`] : [record];
  });
}
