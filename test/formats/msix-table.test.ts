// Which vector a message stands for, by what the driver wrote into the MSI-X table.

import { expect, test } from 'vitest';
import { MsixTable, keyOfMessage, messageKey } from '../../src/formats/msix-table.js';
import { ftrace } from '../../src/formats/linux/ftrace.js';
import { messageOf } from '../../src/formats/linux/message.js';
import { KIND } from '../../src/trace/event.js';
import { countKinds, decodeWith, sumsAddUp } from './support.js';

/** Writes an entry as Linux does: the address, its upper half, the data; then the vector control. */
function entry(table: MsixTable, vector: number, address: number, data: number, control = 0, start = 0x2000): void {
  for (const [part, value] of [address, 0, data, control].entries()) table.write(start + 16 * vector + 4 * part, value);
}

test('a vector is found by the destination and the vector of its message', () => {
  const table = new MsixTable();
  entry(table, 0, 0xfee0_0000, 37);
  entry(table, 5, 0xfee0_1000, 37);
  expect([messageKey(0, 37), messageKey(1, 37), messageKey(2, 37), messageKey(0, 38)].map((key) => table.vectorOf(key))).toEqual([0, 5, undefined, undefined]);
});

test('it moves with what is written, and is none while it is masked', () => {
  const table = new MsixTable();
  entry(table, 1, 0xfee0_0000, 40);
  entry(table, 1, 0xfee0_3000, 41);
  expect([messageKey(0, 40), messageKey(3, 41)].map((key) => table.vectorOf(key))).toEqual([undefined, 1]);
  table.write(0x2000 + 16 + 12, 1);
  expect(table.vectorOf(messageKey(3, 41))).toBeUndefined();
});

test('two vectors with one message: nobody knows which', () => {
  const table = new MsixTable();
  entry(table, 0, 0xfee0_0000, 40);
  entry(table, 1, 0xfee0_0000, 40);
  expect(table.vectorOf(messageKey(0, 40))).toBeUndefined();
});

test('the table begins at the page of the first message address, wherever that is', () => {
  const table = new MsixTable();
  table.write(0x2000, 7);
  table.write(0x300c, 1);
  entry(table, 2, 0xfee0_0000, 40, 0, 0x3000);
  expect(table.vectorOf(messageKey(0, 40))).toBe(2);
  entry(table, 2047, 0xfee0_0000, 50, 0, 0x3000);
  entry(table, 2048, 0xfee0_0000, 51, 0, 0x3000);
  expect([50, 51].map((vector) => table.vectorOf(messageKey(0, vector)))).toEqual([2047, undefined]);
});

test('a destination may have 32 bits', () => {
  expect(keyOfMessage(0xfee4_2000, 0x100, 0x4025)).toBe(messageKey(0x142, 0x25));
});

const text = (dst10: number, vec10: number, dst16: number, vec16: number) => ({
  number: (name: string) => ({ 'dst:10': dst10, 'vec:10': vec10, 'dst:16': dst16, 'vec:16': vec16 })[name] ?? NaN,
  littleEndian: () => NaN,
});

test('a message in both spellings of the kernel, and in binary', () => {
  expect(messageOf(text(10, 37, 16, 55))).toEqual({ key: messageKey(16, 37), otherKey: messageKey(10, 55) });
  // 25 can only be hexadecimal: it is a vector of the CPU's own otherwise. So can 3f.
  expect(messageOf(text(1, 25, 1, 37))).toEqual({ key: NaN, otherKey: messageKey(1, 37) });
  expect(messageOf(text(1, NaN, 1, 63))).toEqual({ key: NaN, otherKey: messageKey(1, 63) });
  expect(messageOf(text(1, 31, NaN, NaN))).toBeUndefined();
  const binary = { number: (name: string) => ({ address: 0xfee0_1000, data: 0x25 })[name] ?? NaN, littleEndian: () => NaN };
  expect(messageOf(binary)).toEqual({ key: messageKey(1, 37), otherKey: NaN });
});

const HOST = ' qemu-system-x86-204     [000] ..... ';
const BRING_UP = [
  'mmio read len 4 gpa 0xfebf0008 val 0x10400', 'mmio read len 4 gpa 0xfebf0000 val 0xf0107ff', 'mmio read len 4 gpa 0xfebf0004 val 0x20',
  'mmio read len 4 gpa 0xfebf200c val 0x1', 'mmio write len 4 gpa 0xfebf2010 val 0xfee01000', 'mmio write len 4 gpa 0xfebf2014 val 0x0',
  'mmio write len 4 gpa 0xfebf2018 val 0x26', 'mmio write len 4 gpa 0xfebf201c val 0x0',
].map((access, i) => `${HOST} 16.00000${i}: kvm_mmio: ${access}`);

function host(...lines: readonly string[]): ReturnType<typeof decodeWith> {
  const outcome = decodeWith(ftrace, Buffer.from([...BRING_UP, ...lines].map((line) => `${line}\n`).join('')));
  expect(sumsAddUp(outcome.tally)).toBe(true);
  return outcome;
}

test('ftrace: a message of the controller is an interrupt, one of another device is counted', () => {
  const { events, tally } = host(`${HOST} 16.100000: kvm_msi_set_irq: dst 1 vec 38 (Fixed|physical|edge)`, `${HOST} 16.100001: kvm_msi_set_irq: dst 0 vec 38 (Fixed|physical|edge)`);
  expect(events.filter(({ kind }) => kind === KIND.interrupt)).toMatchObject([{ controller: 0, value: 1, extra: 0, thread: 204, timeNs: 100_000_000 }]);
  expect(tally.ignoredNames.get('kvm_msi_set_irq')).toBe(1);
});

test('ftrace: an older kernel prints the vector in hexadecimal', () => {
  expect(countKinds(host(`${HOST} 16.100000: kvm_msi_set_irq: dst 1 vec 26 (Fixed|physical|edge)`).events)).toMatchObject({ interrupt: 1 });
});

test("ftrace: with the device's own events in the trace an interrupt counts once", () => {
  const { events, tally } = host(
    `${HOST} 16.100000: tracing_mark_write: pci_nvme_irq_msix raising MSI-X IRQ vector 1`,
    `${HOST} 16.100001: kvm_msi_set_irq: dst 1 vec 38 (Fixed|physical|edge)`,
  );
  expect(countKinds(events)).toMatchObject({ interrupt: 1 });
  expect(tally.ignoredNames.get('kvm_msi_set_irq (same interrupt as irq_msix)')).toBe(1);
});

test('ftrace: a message without destination and vector is refused', () => {
  expect([...host(`${HOST} 16.100000: kvm_msi_set_irq: dst 1 (Fixed|physical|edge)`).tally.rejectReasons.keys()]).toEqual(['kvm_msi_set_irq: no destination and vector']);
});
