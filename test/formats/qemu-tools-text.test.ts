// Text that other tools print of QEMU's events: simpletrace.py, babeltrace, qemu-trace-stap.

import { describe, expect, test } from 'vitest';
import type { TraceFormat } from '../../src/formats/format.js';
import { lttngText } from '../../src/formats/qemu/lttng-text.js';
import { qemuSimple } from '../../src/formats/qemu/simple.js';
import { qemuSimpletraceText } from '../../src/formats/qemu/simpletrace-text.js';
import { qemuStap } from '../../src/formats/qemu/stap.js';
import { KIND } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';
import { asLttngText, asSimple, asSimpletraceText, recordsOf } from './spoken.js';
import { decodeWith, fixtureBytes } from './support.js';

function decodeLines(format: TraceFormat, ...lines: readonly string[]): ReturnType<typeof decodeWith> {
  return decodeWith(format, Buffer.from(lines.map((line) => `${line}\n`).join('')));
}

const REAL = fixtureBytes('qemu-simple', 'randread32-on-first-4000.simple.gz');
const RECORDS = recordsOf(REAL);
const EXPECTED = decodeWith(qemuSimple, REAL).events;

/** What every tool tells of an event. */
function told(event: PlainEvent): unknown {
  return { ...event, place: NaN };
}

describe('the records of a real binary trace, as the tools print them', () => {
  test('simpletrace.py', () => {
    const { events, summary } = decodeLines(qemuSimpletraceText, ...asSimpletraceText(RECORDS));
    expect(events.map(told)).toEqual(EXPECTED.map(told));
    expect(summary).toMatchObject({ clock: 'trace', originNs: 0n, dialect: 'QEMU 7.1-7.2' });
  });

  test('babeltrace', () => {
    const { events } = decodeLines(lttngText, ...asLttngText(RECORDS));
    expect(events.map(told)).toEqual(EXPECTED.map(told));
  });
});

test.each([true, false])('the records of a real binary trace, written again, little endian %s', (littleEndian) => {
  expect(decodeWith(qemuSimple, asSimple(RECORDS, littleEndian)).events.map(told)).toEqual(EXPECTED.map(told));
});

describe('simpletrace.py', () => {
  test('dropped events', () => {
    const { events, tally } = decodeLines(qemuSimpletraceText, 'Dropped_Event 0.000 pid=1 num_events_dropped=0x2a', 'pci_nvme_irq_pin 2.500 pid=1');
    expect(events.map(({ kind, value, timeNs }) => [kind, value, timeNs])).toEqual([[KIND.lost, 42, 0], [KIND.interrupt, NaN, 2500]]);
    expect(tally.lost).toBe(42);
  });

  test.each([
    ["opname=b'NVME_NVM_CMD_READ'"],
    ['opname=b"it\'s"'],
    ['opname=NVME_NVM_CMD_READ'],
    ['opname=two words'],
    ['opname='],
  ])('a string as %s', (field) => {
    const { tally } = decodeLines(qemuSimpletraceText, `pci_nvme_io_cmd 0.000 pid=1 cid=0x1 nsid=0x1 sqid=0x1 opcode=0x2 ${field}`);
    expect(tally.counts).toMatchObject({ read: 1, events: 1 });
  });

  test.each(['pci_nvme_irq_msix 1.000 pid=1', 'pci_nvme_irq_msix 1.000 pid=1 vector=1x', 'pci_nvme_irq_msix 1.0 pid=1 vector=0x1', 'pci_nvme_irq_msix 1.000 pid=1 vector=0x1 more=0x2'])(
    '"%s" is refused',
    (line) => {
      expect(decodeLines(qemuSimpletraceText, line).tally.counts).toMatchObject({ read: 1, rejected: 1 });
    },
  );
});

describe('babeltrace', () => {
  const EVENT = 'qemu:pci_nvme_mmio_doorbell_sq: { cpu_id = 2 }, { sqid = 1, new_tail = 6 }';

  test.each([
    ['[10:20:33.123456789] (+?.?????????) host ', 'trace'],
    ['[2026-06-09 10:20:33.123456789] (+0.000000001) host ', 'trace'],
    ['[1749463233.123456789] host ', 'realtime'],
    ['[10:20:33.123456789] ', 'trace'],
  ])('prefix %s', (prefix, clock) => {
    const { tally, summary } = decodeLines(lttngText, prefix + EVENT);
    expect(tally.counts).toMatchObject({ read: 1, events: 1 });
    expect(summary.clock).toBe(clock);
  });

  test('time passes midnight', () => {
    const { events } = decodeLines(lttngText, `[23:59:59.999999999] host ${EVENT}`, `[00:00:00.000000001] host ${EVENT}`);
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 2]);
  });

  test('processes are controllers when the trace names them', () => {
    const lines = [1, 2, 1].map((pid) => `[10:20:33.000000000] host qemu:pci_nvme_irq_pin: { cpu_id = 2 }, { vpid = ${pid}, procname = "qemu" }, { }`);
    expect(decodeLines(lttngText, ...lines).events.map(({ controller }) => controller)).toEqual([0, 1, 0]);
  });
});

describe('qemu-trace-stap', () => {
  test.each(['4711@123 pci_nvme_irq_pin pulsing IRQ pin', '@1781000433123456789 pci_nvme_irq_pin pulsing IRQ pin', '1@99991781000433123456789 pci_nvme_irq_pin pulsing IRQ pin'])('"%s" is refused', (line) => {
    expect(decodeLines(qemuStap, line).tally.counts).toMatchObject({ read: 1, rejected: 1 });
  });

  test('nanoseconds are exact', () => {
    const { events, summary } = decodeLines(qemuStap, '1@1781000433123456789 pci_nvme_irq_pin pulsing IRQ pin', '1@1781000433123456790 pci_nvme_irq_pin pulsing IRQ pin');
    expect(summary.originNs).toBe(1_781_000_433_123_456_789n);
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 1]);
  });
});
