// The spellings of a QEMU log that the releases and the ways to hand a log on have, written from their description.

import { describe, expect, test } from 'vitest';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { detectFormat } from '../../src/formats/registry.js';
import { ABSENT } from '../../src/trace/batch.js';
import { kindName } from '../../src/trace/event.js';
import { countKinds, decodeWith, sumsAddUp } from './support.js';
import type { Outcome } from './support.js';

function read(...lines: string[]): Outcome & { dialect: string } {
  const { events, tally, summary } = decodeWith(qemuLog, Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  expect(sumsAddUp(tally)).toBe(true);
  return { events, tally, dialect: summary.dialect };
}

const RING = 'pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5';
const STAMP = '4711@1601234567.000042:';

describe('releases', () => {
  test('2.12 to 5.0: names without pci_, no doorbells', () => {
    const { events, tally, dialect } = read(
      '24005@1558526041.014882:nvme_mmio_cfg wrote MMIO, config controller config=0x460001',
      '24005@1558526041.014890:nvme_mmio_start_success setting controller enable bit succeeded',
      '24005@1558526041.014891:nvme_create_cq create completion queue, addr=0x1000, cqid=1, vector=1, qsize=63, qflags=1, ien=1',
      '24005@1558526041.014892:nvme_create_sq create submission queue, addr=0x2000, sqid=1, cqid=1, qsize=63, qflags=1',
      '24005@1558526041.014893:nvme_rw read 8 blocks (4096 bytes) from LBA 5',
      '24005@1558526041.014894:nvme_irq_msix raising MSI-X IRQ vector 1',
    );
    expect(countKinds(events)).toEqual({ 'controller.enable': 1, interrupt: 1, 'queue.create': 2 });
    expect([...tally.ignoredNames.keys()]).toEqual(['nvme_mmio_cfg', 'nvme_rw']);
    expect(dialect).toBe('QEMU 5.0 or earlier');
  });

  test('5.2: no size behind MMIO, a decimal namespace, rw with the command', () => {
    const { events, dialect } = read(
      `${STAMP}pci_nvme_mmio_write addr 0x1008 data 0x1`,
      `${STAMP}pci_nvme_io_cmd cid 17 nsid 1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'`,
      `${STAMP}pci_nvme_rw cid 17 opname 'NVME_NVM_CMD_READ' nsid 1 nlb 8 count 4096 lba 0x5`,
      `${STAMP}pci_nvme_enqueue_req_completion cid 17 cqid 1 status 0x0`,
    );
    expect(Object.keys(countKinds(events))).toEqual(['command.complete', 'command.fetch', 'command.range', 'doorbell.mmio']);
    expect(dialect).toBe('QEMU 5.2');
  });

  test('10.1: ISO stamps, with the fraction left out when it is zero', () => {
    const { events, dialect } = read(`2025-07-21T18:43:28.089797Z ${RING}`, `2025-07-21T18:43:29Z ${RING}`);
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 910_203_000]);
    expect(events.every(({ thread }) => thread === ABSENT)).toBe(true);
    expect(dialect).toBe('QEMU 10.1 or later');
  });

  test('a program and a thread behind the stamp, as in the series under review', () => {
    const { events } = read(
      `2026-02-15T10:00:00.000001Z qemu-system-x86_64: (1184284:main): ${RING}`,
      `2026-02-15T10:00:00.000002Z [guest] qemu-system-x86_64 (1184285:CPU 0/KVM): ${RING}`,
      `(1184286:main) ${RING}`,
    );
    expect(events.map(({ thread, timeNs }) => [thread, timeNs])).toEqual([[1184284, 0], [1184285, 1000], [1184286, NaN]]);
  });
});

describe('quoted', () => {
  test('blanks at the ends of lines, as mails and pages leave them', () => {
    const { events, tally } = read(`${STAMP}${RING}  `, `> ${RING}\t`, `${STAMP}pci_nvme_mmio_cfg wrote MMIO, config controller config=0x460001 \r`);
    expect(countKinds(events)).toEqual({ 'doorbell.mmio': 2 });
    expect(tally.counts).toMatchObject({ read: 3, events: 2, ignored: 1, rejected: 0 });
  });

  const quoted = [`> ${STAMP}${RING}`, `>> ${STAMP}${RING}`, `> > ${STAMP}${RING}\r`, `    ${STAMP}${RING}`, `\t${RING}`, '>', '> Does this ring too often?'];

  test('in a mail or on a page: as if it were not', () => {
    const { events, tally } = read(...quoted);
    expect(countKinds(events)).toEqual({ 'doorbell.mmio': 5 });
    expect(events.map(({ thread }) => thread)).toEqual([4711, 4711, 4711, 4711, ABSENT]);
    expect([...tally.ignoredNames]).toEqual([['(blank)', 1], ['(other text)', 1]]);
  });

  test('is recognised', () => {
    expect(detectFormat(Buffer.from(quoted.join('\n')))?.format).toBe(qemuLog);
  });

  test('a line that the mail program broke is refused in its first part', () => {
    const { tally } = read(`> ${STAMP}pci_nvme_mmio_doorbell_sq sqid 1`, '> new_tail 5');
    expect(tally.rejects.map(({ place, reason }) => [place, reason])).toEqual([[1, 'pci_nvme_mmio_doorbell_sq: the text is not that of the event']]);
    expect([...tally.unknownNames]).toEqual([['new_tail', 1]]);
  });
});

describe('behind what others wrote without a newline', () => {
  test.each([
    ['a thread stamp', `[    1.2] login: ${STAMP}${RING}`, 4711, 0],
    ['an ISO stamp', `login: 2025-07-21T18:43:28.089797Z ${RING}`, ABSENT, 0],
    ['an ISO stamp without fraction', `x2025-07-21T18:43:28Z ${RING}`, ABSENT, 0],
    ['no stamp', `login: ${RING}`, ABSENT, NaN],
  ])('a whole record with %s is read', (_, line, thread, timeNs) => {
    const { events } = read(line);
    expect(events).toMatchObject([{ queue: 1, value: 5, thread, timeNs }]);
  });

  test.each([
    ['text behind the record', `x ${STAMP}${RING}login: `, 'pci_nvme_mmio_doorbell_sq: the text is not that of the event'],
    ['a name inside a word', `xpci_nvme_mmio_doorbell_sq sqid 1 new_tail 5`, 'a trace event stands behind other text on the line'],
    ['a second name inside a word', `${STAMP}${RING}xpci_nvme_mmio_doorbell_sq sqid 1 new_tail 5`, 'pci_nvme_mmio_doorbell_sq: the text is not that of the event'],
    ['a second record without the stamp that the first has', `${STAMP}${RING} pci_nvme_irq_pin pulsing IRQ pin`, 'pci_nvme_mmio_doorbell_sq: the text is not that of the event'],
  ])('%s: refused, never guessed', (_, line, reason) => {
    const { events, tally } = read(line);
    expect(events).toEqual([]);
    expect([...tally.rejectReasons]).toEqual([[reason, 1]]);
  });

  const PIN = 'pci_nvme_irq_pin pulsing IRQ pin';
  const CUT = 'another record begins where the last number ends, which may have lost digits';
  const TORN = 'pci_nvme_mmio_doorbell_sq: the text is not that of the event';
  const OTHER = '4712@1601234567.000043:';

  test.each<[string, string, (readonly [kind: string, thread: number])[], string[]]>([
    ['whole, with a blank between', `x ${STAMP}${RING} ${OTHER}${PIN}`, [['doorbell.mmio', 4711], ['interrupt', 4712]], []],
    ['whole without a number at the end', `${STAMP}${PIN}${OTHER}${RING}`, [['interrupt', 4711], ['doorbell.mmio', 4712]], []],
    ['a number before digits: whose they are nobody knows', `${STAMP}${RING}${OTHER}${PIN}`, [['interrupt', ABSENT]], [TORN]],
    ['a number before an ISO stamp: it may have had more digits', `2025-07-21T18:43:28.089797Z ${RING}2025-07-21T18:43:28Z ${PIN}`, [['interrupt', ABSENT]], [CUT]],
    ['cut off in a word', `${STAMP}${RING.slice(0, -5)}${OTHER}${PIN}`, [['interrupt', 4712]], [TORN]],
    ['cut off before its number', `${STAMP}${RING.slice(0, -1)}${OTHER}${PIN}`, [['interrupt', ABSENT]], [TORN]],
    ['without prefixes, behind a blank', `${PIN} ${RING}`, [['interrupt', ABSENT], ['doorbell.mmio', ABSENT]], []],
    ['without prefixes, behind a number', `${RING}${PIN}`, [['interrupt', ABSENT]], [CUT]],
    ['three', `${STAMP}${PIN}${OTHER}${PIN}${STAMP}${PIN}`, [['interrupt', 4711], ['interrupt', 4712], ['interrupt', 4711]], []],
    ['an event that is counted only', `${STAMP}pci_nvme_map_addr addr 0x3efdd000 len 40${OTHER}${PIN}`, [['interrupt', ABSENT]], []],
  ])('two records on a line, %s: each counts', (_, line, expected, reasons) => {
    const { events, tally } = read(line);
    expect(events.map(({ kind, thread, place }) => [kindName(kind), thread, place])).toEqual(expected.map(([kind, thread]) => [kind, thread, 1]));
    expect(tally.rejects.map(({ reason }) => reason)).toEqual(reasons);
    expect(tally.read).toBe(line.split('pci_nvme_').length - 1);
  });

  test('such lines alone do not make a log: ftrace and syslog have them too', () => {
    expect(detectFormat(Buffer.from(`login: ${STAMP}${RING}\n`))).toBeUndefined();
  });
});
