// The byte scanners of the Linux text formats against readers made of regular expressions, event by event, on captures
// and on generated lines.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXIT_REASONS } from '../../src/formats/linux/exit-reasons.js';
import { ftrace } from '../../src/formats/linux/ftrace.js';
import { OPCODE_BY_NAME } from '../../src/formats/linux/opcode-names.js';
import { perfScript } from '../../src/formats/linux/perf-script.js';
import { holds } from '../support/property.js';
import { oracle } from './linux.oracle.js';
import { decodeWith, fixtureBytes } from './support.js';

const BAR = 0xfebf0000;

test.each(['guest-rebind.trace.gz', 'kvm-host-io.trace-pipe.gz', 'lost-events.trace-pipe.gz', 'tgid-mono.trace-pipe.gz'])(
  'ftrace/%s: the same events as the regular expressions find',
  (file) => {
    const bytes = fixtureBytes('ftrace', file);
    expect(decodeWith(ftrace, bytes).events).toEqual(oracle(bytes.toString('latin1'), 'ftrace', BAR));
  },
);

test.each(['us.perf.gz', 'ns.perf.gz'])('perf-script/%s: the same events as the regular expressions find', (file) => {
  const bytes = fixtureBytes('perf-script', file);
  expect(decodeWith(perfScript, bytes).events).toEqual(oracle(bytes.toString('latin1'), 'perf'));
});

const u16 = fc.nat(0xffff);
const controller = fc.nat(255);
const hex = (n: number): string => `0x${n.toString(16)}`;
const [ioNames, adminNames] = [/^nvme_cmd/, /^nvme_admin/].map((set) => [...OPCODE_BY_NAME.keys()].filter((name) => set.test(name)));

/** The 24 bytes of CDW10 to CDW15. */
const dwords = fc.tuple(fc.maxSafeNat(), u16, fc.uint8Array({ minLength: 14, maxLength: 14 })).map(([slba, len, rest]) => {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(BigInt(slba), 0);
  bytes.writeUInt16LE(len, 8);
  bytes.set(rest, 10);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
});
const disk = fc.constantFrom('', 'disk=nvme0n1, ', 'disk=nvme0c0n1, ');
const printed = fc.oneof(
  fc
    .tuple(controller, disk, fc.integer({ min: 1, max: 0xffff }), u16, fc.maxSafeNat(), u16)
    .map(([c, d, q, cid, slba, len]) => `nvme_setup_cmd: nvme${c}: ${d}qid=${q}, cmdid=${cid}, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read slba=${slba}, len=${len}, ctrl=0x0, dsmgmt=0, reftag=0)`),
  fc
    .tuple(controller, fc.constantFrom(...(adminNames ?? [])), u16)
    .map(([c, name, cid]) => `nvme_setup_cmd: nvme${c}: qid=0, cmdid=${cid}, nsid=0, flags=0x0, meta=0x0, cmd=(${name} xx=1)`),
  fc
    .tuple(controller, fc.constantFrom(...(ioNames ?? []).filter((name) => /dsm|flush|resv|mgmt/.test(name))), u16, dwords)
    .map(([c, name, cid, d]) => `nvme_setup_cmd: nvme${c}: qid=3, cmdid=${cid}, nsid=1, flags=0x0, meta=0x0, cmd=(${name} cdw10=${d.join(' ')})`),
  fc
    .tuple(controller, disk, u16, u16, fc.nat(0x7fff), fc.boolean())
    .map(([c, d, q, cid, s, asHex]) => `nvme_complete_rq: nvme${c}: ${d}qid=${q}, cmdid=${cid}, res=0x0, retries=0, flags=0x0, status=${asHex ? hex(s) : s}`),
  fc
    .tuple(fc.constantFrom(...EXIT_REASONS.keys()), fc.nat())
    .map(([name, gpa]) => `kvm_exit: vcpu 0 reason ${name} rip 0xf info1 0x0000000000000014 info2 0x${gpa.toString(16).padStart(16, '0')} intr_info 0x00000000 error_code 0x00000000`),
  fc.constant('kvm_entry: vcpu 1, rip 0xfff0'),
  fc.constant('sched_switch: prev_comm=a ==> next_comm=b'),
);
const dumped = fc.oneof(
  fc
    .tuple(controller, u16, fc.nat(255), u16, dwords)
    .filter(([, q, opcode]) => q > 0 || opcode > 0x7f)
    .map(([c, q, op, cid, d]) => `nvme_setup_cmd: [FAILED TO PARSE] disk= ctrl_id=${c} qid=${q} opcode=${op} flags=0 fctype=1 cid=${cid} nsid=1 metadata=0 cdw10=ARRAY[${d.join(', ')}]`),
  fc
    .tuple(controller, u16, u16, fc.nat(0x7fff))
    .filter(([, q]) => q > 0)
    .map(([c, q, cid, s]) => `nvme_complete_rq: [FAILED TO PARSE] disk=nvme0n1 ctrl_id=${c} qid=${q} cid=${cid} result=0 retries=0 flags=0 status=${s}`),
);

/** What a task may call itself, without what would make a prefix of its own. */
const task = fc.constantFrom('fio', '<idle>', '<...>', 'CPU 0/KVM', 'kworker/u16:3', 'Web Content', 'foo-bar-12', 'a [3] b', 'x: y', '((sd-pam))');
const stamp = fc.tuple(fc.nat(9_000_000), fc.nat(999_999)).map(([s, us]) => `${String(s).padStart(5)}.${String(us).padStart(6, '0')}`);
const tgid = fc.constantFrom('', '(-------) ', '(   4711) ', '(   12) ');
const flags = fc.constantFrom('', '.... ', 'd.h1. ', '.N.. ', 'dNH2. ', 'bpZf5..1 ');
const ftraceLine = fc
  .tuple(task, fc.nat(0x7fff_ffff), tgid, flags, stamp, fc.oneof(printed, dumped))
  .map(([name, pid, group, column, time, text]) => `${name.padStart(16)}-${String(pid).padEnd(7)} ${group}[003] ${column} ${time}: ${text}\n`);
const perfLine = fc
  .tuple(task, fc.nat(0x7fff_ffff), fc.constantFrom('', '12/'), stamp, fc.constantFrom('', '123'), fc.oneof(printed, dumped))
  .map(([name, pid, group, time, nano, text]) => `${name.padStart(16)} ${group}${pid} [003] ${time}${nano}: ${' '.repeat(5)}${text.startsWith('nvme') ? 'nvme' : text.startsWith('kvm') ? 'kvm' : 'sched'}:${text}\n`);
const pieces = fc.integer({ min: 1, max: 300 });

test('generated ftrace text: the same events in pieces of every size', () => {
  holds(
    fc.property(fc.array(ftraceLine, { maxLength: 30 }), pieces, (lines, chunkBytes) => {
      const text = lines.join('');
      const { events, tally } = decodeWith(ftrace, Buffer.from(text, 'latin1'), chunkBytes);
      expect(tally.rejects).toEqual([]);
      expect(withoutQueues(events)).toEqual(withoutQueues(oracle(text, 'ftrace')));
    }),
    500,
  );
});

test('generated perf script output: the same events in pieces of every size', () => {
  holds(
    fc.property(fc.array(perfLine, { maxLength: 30 }), pieces, (lines, chunkBytes) => {
      const text = lines.join('');
      const { events, tally } = decodeWith(perfScript, Buffer.from(text, 'latin1'), chunkBytes);
      expect(tally.rejects).toEqual([]);
      expect(withoutQueues(events)).toEqual(withoutQueues(oracle(text, 'perf')));
    }),
    500,
  );
});

/** Generated admin commands have no arguments and complete at random: what they do to queues is for the captures to show. */
function withoutQueues<T extends { readonly opcode: number; readonly kind: number }>(events: readonly T[]): readonly T[] {
  return events.filter((event) => event.kind < 10 || event.kind > 12);
}
