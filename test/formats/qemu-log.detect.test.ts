// Is it a QEMU log? Content decides; the other tools' text that carries the same words is refused.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HEAD_BYTES } from '../../src/formats/format.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { openSource } from '../../src/formats/source.js';
import { SHARED_TRACES, fixtureBytes } from './support.js';

const LOG = fixtureBytes('qemu-log', 'randread32-on-1.qemu.log.gz');

function confidence(text: string | Uint8Array): number {
  return qemuLog.detect(Buffer.from(text))?.confidence ?? 0;
}

test('a log is certain, with its evidence in numbers', () => {
  expect(qemuLog.detect(LOG.subarray(0, HEAD_BYTES))).toEqual({
    confidence: 1,
    evidence: "860 of the first 860 lines are events of QEMU's NVMe device, such as pci_nvme_mmio_read",
  });
});

test('every length of head that holds a line is recognised, however its last line is cut', () => {
  for (let length = 200; length < 500; length++) expect(confidence(LOG.subarray(0, length))).toBeGreaterThan(0.5);
});

test('a single line is enough, with and without prefix, of every era', () => {
  for (const line of [
    'pci_nvme_irq_pin pulsing IRQ pin',
    '24005@1558526041.014882:nvme_mmio_cfg wrote MMIO, config controller config=0x0',
    '2025-07-21T18:43:28.089797Z pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5',
    '2025-07-21T18:43:28Z pci_nvme_irq_msix raising MSI-X IRQ vector 1',
  ]) {
    expect(confidence(`${line}\n`)).toBe(1);
  }
});

test('foreign lines at the top lower the confidence and nothing else', () => {
  const top = "qemu-system-x86_64: warning: TCG doesn't support requested feature\n[    0.000000] Linux version 6.12\n".repeat(200);
  const found = confidence(top + LOG.toString('latin1', 0, 2000));
  expect(found).toBeGreaterThan(0.5);
  expect(found).toBeLessThan(0.6);
});

test("a log of other subsystems alone is QEMU's, without much confidence", () => {
  const line = "2986097@1753122905.917608:memory_region_ops_write cpu 0 mr 0x562fdfbb3820 addr 0xfebf1008 value 0x1 size 4 name 'nvme'\n";
  expect(confidence(line.repeat(10))).toBeCloseTo(0.2);
});

test.each([
  ['ftrace with the events of QEMU behind its marker', '           <...>-200     [001] .....     8.282173: tracing_mark_write: pci_nvme_mmio_read addr 0x8 size 4\n'],
  ["ftrace with the kernel's events", ' fio-224 [001] ..... 17.109279: nvme_setup_cmd: nvme0: disk=nvme0n1, qid=2, cmdid=16832, nsid=1\n'],
  ["the kernel's event at the start of a line", 'nvme_sq: nvme0: disk=nvme0n1, qid=2, head=761, tail=761\n'],
  ['perf script', ' fio 224 [001] 17.109279: nvme:nvme_setup_cmd: nvme0: disk=nvme0n1, qid=2\n'],
  ['syslog', 'Jun  9 10:20:33 host qemu-system-x86_64[4711]: pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5\n'],
  ['qemu-trace-stap', '4711@1781000433123456789 pci_nvme_mmio_doorbell_sq sqid 1 new_tail 6\n'],
  ['a list of event names', 'pci_nvme_mmio_read\npci_nvme_mmio_write\n'],
  ['a command line', 'qemu-system-x86_64 -trace pci_nvme_mmio_read -D log\n'],
  ['lines that no QEMU prints', 'pci_nvme_mmio_doorbell_sq sq_tail=1 dbl_addr=0x1000\n'],
  ['binary data', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) & 0xff))],
  ['nothing', ''],
])('not: %s', (_, text) => {
  expect(confidence(typeof text === 'string' ? text.repeat(20) : text)).toBe(0);
});

describe.skipIf(!existsSync(SHARED_TRACES))(`captures of other kinds${existsSync(SHARED_TRACES) ? '' : ' (skipped: ../shared/traces is not present)'}`, () => {
  test.each([
    'qemu-ftrace/host-ftrace.txt.gz',
    'pairs/randread32-on-1.guest-ftrace.txt.gz',
    'kvm/kvmon.host-ftrace.txt.gz',
    'linux-text/perf-script.txt.gz',
    'linux-text/perf.data.gz',
    'linux-text/bpftrace.txt.gz',
    'linux-text/trace-pipe-tgid.txt.gz',
    'trace-cmd/linux6.12-v7.dat.gz',
    'simple/randread32-on.simple.gz',
    'mmiotrace/randread32-on.mmiotrace.gz',
  ])('not: %s', async (file) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await openSource(SHARED_TRACES + file)) {
      chunks.push(Uint8Array.from(chunk));
      if (chunks.reduce((sum, { length }) => sum + length, 0) > HEAD_BYTES) break;
    }
    expect(confidence(Buffer.concat(chunks).subarray(0, HEAD_BYTES))).toBe(0);
  });
});
