// What the odd lines mean, event by event. The lines are constructed after the kernel's, trace-cmd's and perf's formats.

import { describe, expect, test } from 'vitest';
import { ftrace } from '../../src/formats/linux/ftrace.js';
import { perfScript } from '../../src/formats/linux/perf-script.js';
import { EventWriter } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { decodeWith, fixtureBytes } from './support.js';

function at(file: string, line: number): Partial<PlainEvent>[] {
  const folder = file.startsWith('perf') ? 'perf-script' : 'ftrace';
  const bytes = fixtureBytes(folder, file.startsWith('perf') ? 'spellings.txt' : file);
  return decodeWith(folder === 'ftrace' ? ftrace : perfScript, bytes).events.filter((event) => event.place === line);
}

const setup = { kind: KIND['command.setup'] };
const reap = { kind: KIND['command.reap'] };

test.each<[string, number, Partial<PlainEvent>[]]>([
  // The header: 42 written, 30 still there.
  ['spellings.txt', 4, [{ kind: KIND.lost, value: 42 - 30, timeNs: NaN, thread: -1 }]],
  ['spellings.txt', 9, [{ ...setup, timeNs: 0, thread: 2211, controller: 0, queue: 3, cid: 20490, opcode: 2, value: 2048, extra: 8 }]],
  // A tag without generation, status and result in decimal.
  ['spellings.txt', 11, [{ ...reap, timeNs: 108_000, queue: 3, cid: 10, status: 0 }]],
  ['spellings.txt', 12, [{ ...setup, thread: 190, controller: 1, queue: 0, cid: 4109, opcode: 1 }, { kind: KIND['queue.create'], controller: 1, queue: 1, side: 0, cid: 4109, value: 1024, extra: 1 }]],
  // A task named ` a-b [3] 1.0: x:`, a TGID, six flags.
  ['spellings.txt', 13, [{ ...reap, thread: 77, controller: 1, queue: 0, cid: 4109, status: 0x4002 }]],
  // Linux 4.16 to 4.18; no flags, blanks in front lost.
  ['spellings.txt', 14, [{ ...setup, thread: 9, controller: 0, queue: 2, cid: 9, opcode: 1, value: 16, extra: 1 }]],
  ['spellings.txt', 15, [{ ...setup, queue: 0, cid: 3, opcode: 0xc0 }]],
  ['spellings.txt', 16, [{ ...reap, queue: 0, cid: 3 }, { kind: KIND['dbbuf.config'], value: NaN, extra: NaN }]],
  ['spellings.txt', 17, [{ ...setup, opcode: 9, value: NaN, extra: NaN }]],
  ['spellings.txt', 18, [{ ...setup, opcode: 5, value: 256, extra: 16 }]],
  ['spellings.txt', 19, [{ ...setup, opcode: 0x79, value: NaN, extra: NaN }]],
  // Marks of lost events carry the time of the record before them.
  ['spellings.txt', 28, [{ kind: KIND.lost, value: 118, thread: -1, timeNs: 595_585_000 }]],
  ['spellings.txt', 29, [{ kind: KIND.lost, value: NaN }]],
  ['spellings.txt', 30, [{ kind: KIND['doorbell.mmio'], thread: 200, queue: 1, side: 0, value: 3 }]],
  ['spellings.txt', 31, [{ kind: KIND.mark, thread: 200 }]],
  ['spellings.txt', 41, [{ kind: KIND['vm.exit'], thread: 4410, value: 48, extra: NaN }]],
  ['spellings.txt', 42, [{ kind: KIND['vm.exit'], value: 33 }]],
  ['spellings.txt', 43, [{ kind: KIND['vm.exit'], value: 0x40 + 14 }]],
  ['spellings.txt', 44, [{ kind: KIND['vm.exit'], value: 0x400, extra: 0xfffc0000 }]],
  ['spellings.txt', 46, [{ kind: KIND['vm.entry'], thread: 4410 }]],
  // A file's name in front, nanoseconds.
  ['trace-cmd-report.txt', 4, [{ ...setup, timeNs: 0, thread: 2211, queue: 3, cid: 20490, opcode: 2, value: 2048, extra: 8 }]],
  ['trace-cmd-report.txt', 6, [{ ...reap, timeNs: 107_877, queue: 3, cid: 20490, status: 0 }]],
  ['trace-cmd-report.txt', 8, [{ ...setup, controller: 1, queue: 0, cid: 17, opcode: 5 }, { kind: KIND['queue.create'], controller: 1, queue: 2, side: 1, cid: 17, value: 1024, extra: 2 }]],
  ['trace-cmd-report.txt', 10, [{ kind: KIND['vm.exit'], value: 0x400, extra: 0xfebd1018 }]],
  ['trace-cmd-report.txt', 11, [{ kind: KIND['vm.exit'], value: 49 }]],
  ['trace-cmd-report.txt', 12, [{ kind: KIND.lost, value: 118 }]],
  ['trace-cmd-report.txt', 13, [{ kind: KIND.lost, value: NaN }]],
  ['trace-cmd-report.txt', 14, [{ kind: KIND.interrupt, thread: 12345, value: 1 }]],
  ['trace-cmd-report.txt', 16, [{ kind: KIND.mark }]],
  ['perf', 6, [{ ...setup, timeNs: 0, thread: 2211, queue: 3, cid: 20490, opcode: 1, value: 2048, extra: 8 }]],
  // A task named `a 5 [1] 2.0: b:c`, nanoseconds, and the sample's period.
  ['perf', 13, [{ kind: KIND['vm.entry'], thread: 4410, timeNs: 23_123 }]],
  // No CPU column.
  ['perf', 14, [{ ...setup, thread: 190, queue: 0, cid: 12, opcode: 0x7c }]],
  ['perf', 15, [{ ...reap, queue: 0, cid: 12 }, { kind: KIND['dbbuf.config'] }]],
  ['perf', 17, [{ kind: KIND.lost, value: 12, thread: -1 }]],
])('%s, line %i', (file, line, expected) => {
  const found = at(file, line);
  expect(found).toHaveLength(expected.length);
  expected.forEach((event, i) => expect(found[i]).toMatchObject(event));
});

test('stamps that are no seconds are not kept, and the source has no clock', () => {
  const { events, summary } = decodeWith(ftrace, Buffer.from('             fio-9       [001] ..... 120345678901: kvm_entry: vcpu 0\n'));
  expect(events).toMatchObject([{ kind: KIND['vm.entry'], timeNs: NaN, thread: 9 }]);
  expect(summary).toEqual({ clock: 'none', originNs: 0n, dialect: 'ftrace trace_pipe, stamps without a unit, not kept' });
});

test('a trace quoted in a mail keeps its headers and its marks', () => {
  const bytes = fixtureBytes('ftrace', 'spellings.txt').toString('latin1').replaceAll(/^(?=.)/gm, '> ');
  const plain = decodeWith(ftrace, fixtureBytes('ftrace', 'spellings.txt'));
  const quoted = decodeWith(ftrace, Buffer.from(bytes, 'latin1'));
  expect(quoted.tally.counts).toEqual(plain.tally.counts);
  expect(quoted.events).toEqual(plain.events);
});

test('the layout of the option latency-format is refused by its name', () => {
  const text = '# irqsoff latency trace v1.1.5 on 6.12.0\n  <idle>-0       0d.s1.    2us+: nvme_irq <-handle\n';
  const { tally } = decodeWith(ftrace, Buffer.from(text));
  expect([...tally.rejectReasons.keys()]).toEqual(['the option latency-format is not read: capture without it']);
});

function vcpuLine(text: string, us: number): string {
  return `       CPU 0/KVM-44      [006] .....   812.${String(us).padStart(6, '0')}: ${text}\n`;
}

test("kvm_mmio and the device's events in one trace: each access is one event, and the BAR is found by the first", () => {
  const text = [
    'kvm_mmio: mmio unsatisfied-read len 4 gpa 0xfebd001c val 0x0',
    'tracing_mark_write: pci_nvme_mmio_read addr 0x1c size 4',
    'kvm_mmio: mmio read len 4 gpa 0xfebd001c val 0x1',
    'kvm_mmio: mmio write len 4 gpa 0xfebd1018 val 0x2a',
    'tracing_mark_write: pci_nvme_mmio_write addr 0x1018 data 0x2a size 4',
    'tracing_mark_write: pci_nvme_mmio_doorbell_sq sqid 3 new_tail 42',
    // An eventfd took this one: the device doesn't report it.
    'kvm_mmio: mmio write len 4 gpa 0xfebd1018 val 0x2b',
    "tracing_mark_write: pci_nvme_io_cmd cid 7 nsid 0x1 sqid 3 opc 0x2 opname 'NVME_NVM_CMD_READ'",
    // KVM's record of this one is missing.
    'tracing_mark_write: pci_nvme_mmio_doorbell_cq cqid 3 new_head 9',
  ].map(vcpuLine);
  const { events, tally } = decodeWith(ftrace, Buffer.from(text.join('')));
  expect(events).toMatchObject([
    { kind: KIND['register.read'], extra: 0x1c, place: 3 },
    { kind: KIND['doorbell.mmio'], queue: 3, side: 0, value: 42, place: 4 },
    { kind: KIND['doorbell.mmio'], queue: 3, side: 0, value: 43, place: 7 },
    { kind: KIND['command.fetch'], queue: 3, cid: 7, place: 8 },
    { kind: KIND['doorbell.mmio'], queue: 3, side: 1, value: 9, place: 9 },
  ]);
  expect(tally.counts).toMatchObject({ read: 9, events: 5, ignored: 4 });
});

test('a BAR that the user names is used', () => {
  const events: PlainEvent[] = [];
  const tally = new Tally();
  const writer = new EventWriter((batch) => events.push(...plainEvents(batch)));
  const decoder = ftrace.open({ writer, tally, mmio: { bars: [{ base: 0xfebd0000 }] } });
  decoder.push(fixtureBytes('ftrace', 'trace-cmd-report.txt'));
  decoder.end();
  writer.flush();
  expect(events.filter((event) => event.kind === KIND['doorbell.mmio'])).toMatchObject([{ queue: 3, side: 0, value: 0x2a, place: 9 }]);
  expect(tally.counts.events).toBe(11);
});

const REAP = 'nvme_complete_rq: nvme0: disk=nvme0n1, qid=1, cmdid=14, res=0x0, retries=0, flags=0x0, status=0x0';

test('function_graph: an event is a comment, with the time and the task where the options show them', () => {
  const { events, tally } = decodeWith(
    ftrace,
    Buffer.from(
      [
        '# tracer: function_graph',
        ' 0)   0.321 us    |  mutex_unlock();',
        ` 0)               |  /* ${REAP} */`,
        ` 812.004417 |   2)    fio-2211    |               |  /* ${REAP} */`,
        ` 812.004418 |   2)   a-b c-9 -77  |  d.h.  |      |  /* ${REAP} */`,
        ' 812.004419 |   2)    fio-2211    |   0.321 us    |  mutex_unlock();',
        ' 2)               |  /* pci_nvme_mmio_doorbell_sq sqid 1 new_tail 3 */',
        ' ------------------------------------------',
        ' 0)    fio-2211    =>   <idle>-0   ',
        ` 0)               |  /* ${REAP.slice(0, 60)}`,
        '',
      ].join('\n'),
    ),
  );
  expect(events.map(({ kind, thread, timeNs, cid }) => [kind, thread, timeNs, cid])).toEqual([
    [KIND['command.reap'], -1, NaN, 14],
    [KIND['command.reap'], 2211, 0, 14],
    [KIND['command.reap'], 77, 1000, 14],
    [KIND['doorbell.mmio'], -1, NaN, -1],
  ]);
  expect([...tally.ignoredNames]).toEqual([['(function graph)', 4], ['(header)', 1]]);
  expect(tally.rejects.map(({ place, reason }) => [place, reason])).toEqual([[10, 'the comment does not end on its line']]);
});

test('stack traces: of the kernel and of the program, by the kernel and by trace-cmd', () => {
  const { tally } = decodeWith(
    ftrace,
    Buffer.from(
      [
        '             fio-2211    [002] d....     1.000015: <stack trace>',
        ' => nvme_complete_rq',
        '             fio-2211    [002] d....     1.000015: <user stack trace>',
        ' =>  <00007f1234567890>',
        '             fio-2211  [002]     1.000016: kernel_stack:         <stack trace >',
        '=> foo (ffffffff81000000)',
        '             fio-2211  [002]     1.000017: user_stack:           <user stack trace>',
        '',
      ].join('\n'),
    ),
  );
  expect([...tally.ignoredNames]).toEqual([['(stack trace)', 7]]);
});

test("QEMU's register write without a doorbell event keeps its place before the thread's way back into the guest", () => {
  const line = (us: number, text: string): string => `       CPU 0/KVM-4410    [006] .....   812.0000${us}: ${text}`;
  const { events } = decodeWith(
    ftrace,
    Buffer.from(
      [
        line(10, 'kvm_exit: reason EPT_MISCONFIG rip 0x1 info 0 0'),
        line(11, 'tracing_mark_write: pci_nvme_mmio_write addr 0x1008 data 0x6 size 4'),
        line(12, 'kvm_entry: vcpu 0'),
        line(13, 'kvm_exit: reason EPT_MISCONFIG rip 0x1 info 0 0'),
        line(14, 'tracing_mark_write: pci_nvme_mmio_write addr 0x1008 data 0x7 size 4'),
        line(15, 'tracing_mark_write: pci_nvme_mmio_doorbell_sq sqid 1 new_tail 7'),
        line(16, 'kvm_entry: vcpu 0'),
        '',
      ].join('\n'),
    ),
  );
  expect(events.map(({ kind, place, value }) => [kind, place, value])).toEqual([
    [KIND['vm.exit'], 1, 49],
    [KIND['doorbell.mmio'], 2, 6],
    [KIND['vm.entry'], 3, NaN],
    [KIND['vm.exit'], 4, 49],
    [KIND['doorbell.mmio'], 6, 7],
    [KIND['vm.entry'], 7, NaN],
  ]);
});

describe("the ftrace backend of two QEMU processes", () => {
  const ring = (sqid: number): string => `pci_nvme_mmio_doorbell_sq sqid ${sqid} new_tail 3`;
  const write = (sqid: number): string => `pci_nvme_mmio_write addr 0x${(0x1000 + 8 * sqid).toString(16)} data 0x3 size 4`;

  test('is kept apart by the process where the trace names it, also when it forgets it for a record', () => {
    const line = (thread: number, process: string, us: number, text: string): string =>
      `           <...>-${thread}     (${process}) [001] .....     8.0000${us}: tracing_mark_write: ${text}`;
    const { events } = decodeWith(
      ftrace,
      Buffer.from(
        [
          line(100, '    100', 10, write(1)), line(200, '    200', 11, write(2)), line(100, '-------', 12, ring(1)),
          line(101, '    100', 13, ring(3)), line(200, '-------', 14, ring(2)), line(201, '    200', 15, ring(4)), '',
        ].join('\n'),
      ),
    );
    expect(events.map(({ controller, queue, place }) => [controller, queue, place])).toEqual([[0, 1, 3], [0, 3, 4], [1, 2, 5], [1, 4, 6]]);
  });

  test('is one controller as long as only one process is named, and not for every record', () => {
    const { events } = decodeWith(
      ftrace,
      Buffer.from(
        ['(-------)', '(    100)', '(-------)']
          .map((process, i) => `           <...>-10${i}     ${process} [001] .....     8.00001${i}: tracing_mark_write: ${ring(i + 1)}\n`)
          .join(''),
      ),
    );
    expect(events.map(({ controller }) => controller)).toEqual([0, 0, 0]);
  });

  test("by perf's PID/TID", () => {
    const line = (pid: number, us: number, text: string): string => ` qemu ${pid}/${pid + 1} [002]   812.0000${us}: ftrace:print: tracing_mark_write: ${text}`;
    const { events, tally } = decodeWith(perfScript, Buffer.from([line(10, 10, write(1)), line(20, 11, write(1)), line(10, 12, ring(1)), line(20, 13, ring(1)), ''].join('\n')));
    expect(events.map(({ controller, place }) => [controller, place])).toEqual([[0, 3], [1, 4]]);
    expect([...tally.ignoredNames.values()]).toEqual([2]);
  });
});
