// The syslog backend: stamps, processes, and what the daemons leave out.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { qemuSyslog } from '../../src/formats/qemu/syslog.js';
import { lossIn } from '../../src/formats/qemu/syslog-loss.js';
import { KIND } from '../../src/trace/event.js';
import { holds } from '../support/property.js';
import { decodeWith, essence, fixtureBytes, sumsAddUp } from './support.js';
import type { Outcome } from './support.js';

const IRQ = 'pci_nvme_irq_pin pulsing IRQ pin';
const QEMU = 'Jun  9 10:20:33 host qemu-system-x86_64[4711]: ';

function decodeLines(...lines: readonly string[]): ReturnType<typeof decodeWith> {
  return decodeWith(qemuSyslog, Buffer.from(lines.map((line) => `${line}\n`).join('')));
}

/** A notice of rsyslog. */
function lostOf(pid: number): string {
  return `Jun  9 10:20:34 host rsyslogd: imuxsock lost 7 messages from pid ${pid} due to rate-limiting`;
}

/** Amounts of the lost marks, in order. */
function losses({ events }: Outcome): number[] {
  return events.filter(({ kind }) => kind === KIND.lost).map(({ value }) => value);
}

describe('stamps', () => {
  test.each([
    ['Jun  9 10:20:33', 'trace'],
    ['Jun 09 10:20:33.123456', 'trace'],
    ['Feb 29 23:59:60', 'trace'],
    ['2026-06-09T10:20:33+02:00', 'realtime'],
    ['2026-06-09T10:20:33.123456+0200', 'realtime'],
    ['2026-06-09T08:20:33.123Z', 'realtime'],
  ])('%s', (stamp, clock) => {
    const { tally, summary } = decodeLines(`${stamp} host qemu-kvm[1]: ${IRQ}`);
    expect(tally.counts).toMatchObject({ read: 1, events: 1 });
    expect(summary.clock).toBe(clock);
  });

  test('of a zone are UTC', () => {
    const stamps = ['2026-06-09T10:20:33.5+02:00', '2026-06-09T08:20:33.500Z', '2026-06-09T03:20:33.500000-0500'];
    const { events, summary } = decodeLines(...stamps.map((stamp) => `${stamp} host qemu[1]: ${IRQ}`));
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 0, 0]);
    expect(summary.originNs).toBe(BigInt(Date.UTC(2026, 5, 9, 8, 20, 33, 500)) * 1_000_000n);
  });

  test('without a year pass New Year', () => {
    const { events } = decodeLines(`Dec 31 23:59:59 host qemu[1]: ${IRQ}`, `Jan  1 00:00:01 host qemu[1]: ${IRQ}`);
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 2e9]);
  });

  test('that QEMU printed itself are finer', () => {
    const { events, summary } = decodeLines(`${QEMU}17@1601234567.000042:${IRQ}`, `${QEMU}17@1601234567.000043:${IRQ}`);
    expect(events.map(({ timeNs }) => timeNs)).toEqual([0, 1000]);
    expect(summary).toMatchObject({ clock: 'realtime', originNs: 1_601_234_567_000_042_000n });
  });

  test.each(['Jun  9 10:20:33', 'Jux  9 10:20:33 host qemu: ', 'Jun 31 10:20:33 host qemu: ', 'Jun  9 24:20:33 host qemu: ', '2026-13-09T10:20:33Z host qemu: ', '2026-06-09T10:20:33 host qemu: ', '2026-06-09T10:20:33.Z host qemu: '])(
    'an event behind "%s" is refused',
    (prefix) => {
      expect(decodeLines(prefix + IRQ).tally.counts).toMatchObject({ read: 1, rejected: 1 });
    },
  );
});

describe('what is left out', () => {
  test('a repeated message is one event, and the others are lost', () => {
    const outcome = decodeLines(QEMU + IRQ, `${QEMU}message repeated 3 times: [ ${IRQ}]`);
    expect(losses(outcome)).toEqual([3 - 1]);
    expect(outcome.events.map(({ kind }) => kind)).toEqual([KIND.interrupt, KIND.interrupt, KIND.lost]);
    expect(outcome.tally.counts).toEqual({ read: 2, events: 2, ignored: 0, unknown: 0, rejected: 0, lost: 2 });
  });

  test.each([
    ['once', `message repeated 1 times: [ ${IRQ}]`, 0, 'rejected'],
    ['without a closing bracket', `message repeated 3 times: [ ${IRQ}`, 0, 'rejected'],
    ['too often for a number', `message repeated 99999999999999999 times: [ ${IRQ}]`, 0, 'rejected'],
    ['an event that is only counted', 'message repeated 4 times: [ pci_nvme_mmio_cfg wrote MMIO, config controller config=0x1]', 3, 'ignored'],
    ['an event of another subsystem', 'message repeated 4 times: [ memory_region_ops_read cpu 0]', 0, 'unknown'],
    ['a message that is no event', 'message repeated 4 times: [ hello]', 0, 'ignored'],
  ] as const)('repeated %s', (_, message, lost, as) => {
    const outcome = decodeLines(QEMU + message);
    expect(outcome.tally.counts).toMatchObject({ read: 1, [as]: 1, lost });
  });

  test('"last message repeated" counts only behind an event', () => {
    const repeated = 'Jun  9 10:20:34 host last message repeated 5 times';
    // syslogd counts anew after each notice.
    expect(losses(decodeLines(QEMU + IRQ, repeated, repeated))).toEqual([5, 5]);
    expect(losses(decodeLines(QEMU + IRQ, 'Jun  9 10:20:34 host CRON[1]: x', repeated))).toEqual([]);
  });

  test('notices about other processes are no loss of ours', () => {
    expect(losses(decodeLines(QEMU + IRQ, lostOf(4711), lostOf(4712)))).toEqual([7]);
    // Before the first event, nobody knows whose they are.
    expect(losses(decodeLines(lostOf(4712), QEMU + IRQ))).toEqual([7]);
  });

  test.each([
    ['systemd-journald', 'Suppressed 1234 messages from machine-qemu.scope', 1234],
    ['systemd-journal', 'Suppressed 12 messages from /system.slice/libvirtd.service', 12],
    ['rsyslogd', 'imjournal: 1500 messages lost due to rate-limiting (20000 allowed within 600 seconds)', 1500],
    ['rsyslogd-2177', 'imuxsock lost 225 messages from pid 4711 due to rate-limiting', 225],
    ['rsyslogd', 'imuxsock[pid 4711]: begin to drop messages due to rate-limiting', NaN],
    ['syslogd', '9 messages suppressed', 9],
    ['syslogd', 'messages suppressed: 8', 8],
    ['', 'last message repeated 2 times', 2],
  ])('%s: %s', (tag, text, amount) => {
    expect(lossIn(tag, text)?.amount).toEqual(amount);
  });

  test.each([
    ['kernel', 'printk: 12 messages suppressed.'],
    ['qemu-system-x86_64', '12 messages lost'],
    ['sshd', 'last message repeated 2 times'],
    ['rsyslogd', 'action resumed'],
    ['systemd-journald', 'Suppressed messages from x'],
  ])('%s: %s is no loss', (tag, text) => {
    expect(lossIn(tag, text)).toBeUndefined();
  });

  test('a sum of losses that no number holds is not added up', () => {
    const notice = 'Jun  9 10:20:34 host rsyslogd: 999999999999999 messages lost due to rate-limiting';
    const { tally } = decodeLines(QEMU + IRQ, ...Array.from({ length: 20 }, () => notice));
    expect(Number.isSafeInteger(tally.lost)).toBe(true);
    expect(sumsAddUp(tally)).toBe(true);
  });
});

/** A line of one of several QEMU processes. */
function vm(pid: number, text: string): string {
  return `Jun  9 10:20:33 host qemu-kvm[${pid}]: ${text}`;
}

test('each QEMU process is a controller, and the two records of a doorbell write are matched within it', () => {
  const { events } = decodeLines(
    vm(1, 'pci_nvme_mmio_write addr 0x1008 data 0x5 size 4'),
    vm(2, 'pci_nvme_mmio_write addr 0x1008 data 0x5 size 4'),
    vm(1, 'pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5'),
    vm(2, 'pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5'),
  );
  expect(events.map(({ kind, controller }) => [kind, controller])).toEqual([[KIND['doorbell.mmio'], 0], [KIND['doorbell.mmio'], 1]]);
});

test('more processes than there are controllers are refused', () => {
  const lines = Array.from({ length: 257 }, (_, pid) => `Jun  9 10:20:33 host qemu-kvm[${pid}]: ${IRQ}`);
  expect(decodeLines(...lines).tally.counts).toMatchObject({ events: 256, rejected: 1 });
});

test('the events of a real log, wrapped in syslog lines, are those of the log', () => {
  const log = fixtureBytes('qemu-log', 'randread32-on-1.qemu.log.gz').toString('latin1').split('\n').slice(0, 5000);
  const bare = log.map((line) => line.slice(line.indexOf(':') + 1));
  const wrapped = decodeLines(...bare.map((text) => QEMU + text));
  const plain = decodeWith(qemuLog, Buffer.from(`${bare.join('\n')}\n`));
  expect(wrapped.events.map((event) => ({ ...event, timeNs: NaN }))).toEqual(plain.events);
  expect(wrapped.tally.counts).toEqual(plain.tally.counts);
});

const REAL = ['iso.log', 'rfc3164.log', 'short-precise.log'].flatMap((file) => fixtureBytes('qemu-syslog', file).toString('latin1').split('\n'));
const wounds = fc.array(fc.record({ at: fc.nat(2000), cut: fc.nat({ max: 90 }), put: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 5 });

test('wounded lines: every line is counted once, however the bytes are cut', () => {
  holds(
    fc.property(fc.nat(REAL.length - 1), fc.integer({ min: 1, max: 20 }), wounds, fc.integer({ min: 1, max: 200 }), (from, count, all, chunkBytes) => {
      let bytes = Buffer.from(REAL.slice(from, from + count).join('\n'), 'latin1');
      for (const { at, cut, put } of all) {
        const place = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
      }
      const outcome = decodeWith(qemuSyslog, bytes);
      const lines = bytes.filter((byte) => byte === 10).length + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
      expect(outcome.tally.read).toBe(lines);
      expect(sumsAddUp(outcome.tally)).toBe(true);
      expect(essence(decodeWith(qemuSyslog, bytes, chunkBytes))).toEqual(essence(outcome));
    }),
    2000,
  );
});
