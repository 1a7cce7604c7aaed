// The `simple` backend: what each part of a file becomes, its versions, and both byte orders.

import { describe, expect, test } from 'vitest';
import { ensure } from '../../src/base/assert.js';
import { BellwetherError } from '../../src/base/errors.js';
import { definitionsOf } from '../../src/formats/qemu/events.js';
import { qemuSimple } from '../../src/formats/qemu/simple.js';
import { EventWriter } from '../../src/trace/batch.js';
import { KIND, SIDE_SQ } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { SimpleWriter, byteSwapped } from './simple-writer.js';
import { decodeWith, essence, fixtureBytes, sumsAddUp } from './support.js';

const REAL = fixtureBytes('qemu-simple', 'randread32-on-first-4000.simple.gz');

/** Decodes with the user's trace-events-all. */
function decodeWithEvents(text: string, bytes: Uint8Array): { events: PlainEvent[]; tally: Tally; dialect: string } {
  const events: PlainEvent[] = [];
  const tally = new Tally();
  const writer = new EventWriter((batch) => events.push(...plainEvents(batch)));
  const decoder = qemuSimple.open({ writer, tally, eventsFile: { path: 'trace-events-all', text } });
  decoder.push(bytes);
  const { dialect } = decoder.end();
  writer.flush();
  expect(sumsAddUp(tally)).toBe(true);
  return { events, tally, dialect };
}

function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1);
  return ensure(items[0], 'item');
}

describe('records', () => {
  test('a doorbell: queue, side, value, time since the first record, place of the record', () => {
    const trace = new SimpleWriter().mapping(7, 'pci_nvme_mmio_doorbell_sq').record(7, 2n ** 60n, 1, 5).record(7, 2n ** 60n + 1500n, 3, 9);
    const { events, tally, summary } = decodeWith(qemuSimple, trace.bytes);
    const firstPlace = 24 + 20 + 'pci_nvme_mmio_doorbell_sq'.length;
    expect(events.map(({ kind, queue, side, value, timeNs, place, thread }) => [kind, queue, side, value, timeNs, place, thread])).toEqual([
      [KIND['doorbell.mmio'], 1, SIDE_SQ, 5, 0, firstPlace, -1],
      [KIND['doorbell.mmio'], 3, SIDE_SQ, 9, 1500, firstPlace + 48, -1],
    ]);
    expect(summary).toEqual({ clock: 'monotonic', originNs: 2n ** 60n, dialect: 'QEMU 5.2 or later, version 4' });
    // header + name + two records
    expect(tally.counts).toEqual({ read: 1 + 1 + 2, events: 2, ignored: 2, unknown: 0, rejected: 0, lost: 0 });
  });

  test('dropped records become a mark with their number', () => {
    const trace = new SimpleWriter().mapping(0, 'pci_nvme_irq_pin').record(0, 100).dropped(120, 42).dropped(130, 7).record(0, 90);
    const { events, tally } = decodeWith(qemuSimple, trace.bytes);
    expect(events.filter(({ kind }) => kind === KIND.lost).map(({ value, timeNs }) => [value, timeNs])).toEqual([[42, 20], [7, 30]]);
    expect(tally.lost).toBe(42 + 7);
    expect(events.at(-1)?.timeNs).toBe(-10);
  });

  test('a mark between the two records of a doorbell write leaves it one doorbell', () => {
    const trace = new SimpleWriter().mapping(0, 'pci_nvme_mmio_write').mapping(1, 'pci_nvme_mmio_doorbell_sq');
    trace.record(0, 1, 0x1008, 5, 4).dropped(2, 9).record(1, 3, 1, 5);
    const { events } = decodeWith(qemuSimple, trace.bytes);
    expect(events.filter(({ kind }) => kind === KIND['doorbell.mmio'])).toHaveLength(1);
  });

  test.each([
    ['a number of lost records that no number holds', new SimpleWriter().dropped(1, 2n ** 53n), /above 2\^53/],
    ['lost records with another length', new SimpleWriter().record(0xffff_ffff_ffff_fffen, 1, 1, 2), /another length/],
    ['an event without a name', new SimpleWriter().record(3, 1, 1, 2), /no name/],
    ['an event id above 32 bits', new SimpleWriter().mapping(3, 'pci_nvme_irq_pin').record(2n ** 32n + 3n, 1), /no name/],
    ['an argument too many', new SimpleWriter().mapping(3, 'pci_nvme_irq_msix').record(3, 1, 1, 2), /pci_nvme_irq_msix: the length/],
    ['a string beyond the record', new SimpleWriter().mapping(3, 'pci_nvme_rw_cb').u64(1).u64(3).u64(1).u32(36).u32(1).u64(4).u32(500), /pci_nvme_rw_cb: the length/],
    ['a value out of range', new SimpleWriter().mapping(3, 'pci_nvme_mmio_doorbell_sq').record(3, 1, 65_536, 1), /sqid is above 65535/],
    ['a stamp far away', new SimpleWriter().mapping(3, 'pci_nvme_irq_pin').record(3, 1).record(3, 2n ** 60n), /104 days/],
    ['an event id beyond all builds', new SimpleWriter().mapping(2 ** 40, 'pci_nvme_irq_pin'), /above 65535/],
    ['the end inside a record', new SimpleWriter().mapping(3, 'pci_nvme_irq_pin').raw(new SimpleWriter().record(3, 1).bytes.subarray(24, 40)), /ends inside/],
  ])('%s is refused with its place', (_, trace, reason) => {
    const { tally } = decodeWith(qemuSimple, trace.bytes);
    expect(tally.rejects).toHaveLength(1);
    expect(only(tally.rejects).reason).toMatch(reason);
    expect(only(tally.rejects).place).toBeGreaterThanOrEqual(24);
    expect(sumsAddUp(tally)).toBe(true);
    expect(essence(decodeWith(qemuSimple, trace.bytes, 1))).toEqual(essence(decodeWith(qemuSimple, trace.bytes)));
  });

  test('events of other subsystems are counted by name, strings and signs included', () => {
    const trace = new SimpleWriter().mapping(3, 'breakpoint_insert').mapping(4, 'pci_nvme_frobnicate').record(3, 1, -1n, 'x').record(4, 2).record(4, 3);
    expect(decodeWith(qemuSimple, trace.bytes).tally.unknownNames).toEqual(new Map([['breakpoint_insert', 1], ['pci_nvme_frobnicate', 2]]));
  });

  test('the era decides where the length does not: `rw` of 5.1 and of 5.2', () => {
    // cid 33 before a string of 17 bytes reads as the length of a string in the older definition.
    const args = [33, 'NVME_NVM_CMD_READ', 1, 8, 4096, 5] as const;
    const trace = new SimpleWriter().mapping(0, 'pci_nvme_rw').mapping(1, 'pci_nvme_io_cmd').record(0, 1, ...args);
    const { events, summary } = decodeWith(qemuSimple, trace.bytes);
    expect(only(events)).toMatchObject({ kind: KIND['command.range'], cid: 33, value: 5, extra: 8 });
    expect(summary.dialect).toBe('QEMU 5.2, version 4');
    const old = new SimpleWriter().mapping(0, 'pci_nvme_rw').record(0, 1, 'read', 8, 4096, 5);
    expect(decodeWith(qemuSimple, old.bytes).tally.ignoredNames.get('pci_nvme_rw')).toBe(1);
  });

  test('after damage, reading goes on with the next credible record', () => {
    const bad = REAL.length - 48 * 200;
    const damaged = Buffer.concat([REAL.subarray(0, bad), Buffer.alloc(1000, 0x5a), REAL.subarray(bad)]);
    const { tally } = decodeWith(qemuSimple, damaged);
    const whole = decodeWith(qemuSimple, REAL).tally;
    expect(tally.counts.rejected).toBeGreaterThanOrEqual(1);
    expect(tally.counts.rejected).toBeLessThanOrEqual(3);
    expect(whole.events - tally.events).toBeLessThanOrEqual(2);
    expect(essence(decodeWith(qemuSimple, damaged, 77))).toEqual(essence(decodeWith(qemuSimple, damaged)));
  });

  test('two traces one behind the other: each with its own names', () => {
    const first = new SimpleWriter().mapping(0, 'pci_nvme_irq_pin').record(0, 1).bytes;
    const second = new SimpleWriter().mapping(0, 'pci_nvme_irq_masked').record(0, 2).bytes;
    const { events } = decodeWith(qemuSimple, Buffer.concat([first, second]));
    expect(events.map(({ extra }) => extra)).toEqual([1, 2]);
  });
});

describe('headers', () => {
  test.each([
    ['another magic', Buffer.alloc(100, 0x41), /doesn't begin with the header/],
    ['no whole header', new SimpleWriter().bytes.subarray(0, 20), /doesn't begin with the header/],
    ['version 5', new SimpleWriter({ version: 5 }).bytes, /version 5; known: 2, 3, 4/],
    ['version 3 without the events file', new SimpleWriter({ version: 3 }).bytes, /hold no names of events/],
  ])('%s is an input error', (_, bytes, message) => {
    const decoding = (): unknown => decodeWith(qemuSimple, bytes);
    expect(decoding).toThrow(BellwetherError);
    expect(decoding).toThrow(message);
  });

  test('the way out of version 3 is named', () => {
    expect.assertions(1);
    try {
      decodeWith(qemuSimple, new SimpleWriter({ version: 2 }).bytes);
    } catch (error) {
      expect(error instanceof BellwetherError && error.suggestions.join()).toMatch(/--events-file/);
    }
  });

  test('detection needs the whole header', () => {
    expect(qemuSimple.detect(REAL.subarray(0, 24))?.confidence).toBe(1);
    expect(qemuSimple.detect(REAL.subarray(0, 23))).toBeUndefined();
    expect(qemuSimple.detect(new SimpleWriter({ littleEndian: false }).bytes)?.confidence).toBe(1);
  });
});

describe('an events file', () => {
  const EVENTS = `# See docs/devel/tracing.rst
disable not_compiled(void) "x"
memory_region_ops_write(int cpu_index, void *mr, uint64_t addr, uint64_t value, unsigned size, const char *name) "cpu %d mr %p addr 0x%"PRIx64" value 0x%"PRIx64" size %u name '%s'"
vcpu tcg guest_mem_before(TCGv vaddr, uint16_t info) "info=%d", "vaddr=0x%016"PRIx64" info=%d"

pci_nvme_mmio_doorbell_sq(uint16_t sqid, uint16_t new_tail) "sqid %"PRIu16" new_tail %"PRIu16""
pci_nvme_io_cmd(uint16_t cid, uint32_t nsid, uint16_t sqid, uint8_t opcode, const char *opname) "cid %"PRIu16""
`;
  /** not_compiled 0, memory_region_ops_write 1, guest_mem_before_trans 2 and _exec 3, then the device events. */
  const DOORBELL = 4;
  const IO_CMD = 5;

  test.each([2, 3])('names the events of version %i by their position', (version) => {
    const trace = new SimpleWriter({ version }).record(DOORBELL, 10, 1, 5).record(IO_CMD, 20, 4, 1, 1, 2, 'NVME_NVM_CMD_READ').record(1, 30, 0, 1, 2, 3, 4, 'nvme').dropped(40, 3).record(6, 50);
    const { events, tally, dialect } = decodeWithEvents(EVENTS, trace.bytes);
    expect(events.map(({ kind, queue, timeNs }) => [kind, queue, timeNs])).toEqual([
      [KIND['doorbell.mmio'], 1, 0],
      [KIND['command.fetch'], 1, 10],
      [KIND.lost, -1, 30],
    ]);
    // The file declares it, so it isn't unknown; the last record is of no event at all.
    expect(tally.ignoredNames.get('memory_region_ops_write')).toBe(1);
    expect([...tally.rejectReasons.keys()]).toEqual(['the event id has no name']);
    expect(dialect).toMatch(`version ${version}`);
  });

  test('version 3 in pieces of every size, and after damage', () => {
    const trace = new SimpleWriter({ version: 3 }).record(DOORBELL, 10, 1, 5).record(DOORBELL, 20, 1, 6).raw(Buffer.alloc(33, 0xee)).record(DOORBELL, 30, 1, 7).bytes;
    const { events, tally } = decodeWithEvents(EVENTS, trace);
    expect(events.map(({ value }) => value)).toEqual([5, 6, 7]);
    expect(tally.rejects.map(({ place }) => place)).toEqual([24 + 2 * 40]);
  });

  test('declares arguments that no release has', () => {
    const vendor = 'pci_nvme_mmio_doorbell_sq(uint16_t sqid, uint64_t cookie, uint16_t new_tail) "x"\n';
    const trace = new SimpleWriter().mapping(0, 'pci_nvme_mmio_doorbell_sq').record(0, 1, 1, 2n ** 50n, 7).record(0, 2, 1, 8);
    const { events } = decodeWithEvents(vendor, trace.bytes);
    expect(events.map(({ queue, value }) => [queue, value])).toEqual([[1, 7], [1, 8]]);
  });

  test('refuses records that its declarations do not fit', () => {
    const trace = new SimpleWriter().mapping(9, 'memory_region_ops_write').record(9, 1, 1);
    expect(decodeWithEvents(EVENTS, trace.bytes).tally.rejectReasons).toEqual(new Map([['memory_region_ops_write: the length fits no definition of the event', 1]]));
  });

  test.each([
    ['no event', '# nothing\n', /declares no event/],
    ['another text', 'pci_nvme_irq_pin(void) "x"\nhello\n', /line 2 declares no trace event: "hello"/],
    ['an argument without a type', 'x(y) "z"\n', /line 1 declares no trace event/],
    ['too many arguments', `x(${Array.from({ length: 11 }, (_, i) => `int a${i}`).join(', ')}) "z"\n`, /line 1/],
  ])('with %s is an input error', (_, text, message) => {
    expect(() => decodeWithEvents(text, REAL)).toThrow(message);
    expect(() => decodeWithEvents(text, REAL)).toThrow(BellwetherError);
  });
});

/** Which arguments of an event are strings, when all of them take `bytes` bytes. */
function stringsOf(name: string, bytes: number): readonly boolean[] {
  const definitions = definitionsOf(name.replace(/^pci_nvme_/, ''));
  const shapes = definitions.map(({ args }) => args.map(({ type }) => type === 'str'));
  return shapes.find((shape) => shape.includes(true) || shape.length * 8 === bytes) ?? [];
}

test('a trace of a big-endian host gives the same events', () => {
  const little = decodeWith(qemuSimple, REAL);
  const big = decodeWith(qemuSimple, byteSwapped(REAL, stringsOf));
  expect(big.events).toEqual(little.events);
  expect(big.tally.counts).toEqual(little.tally.counts);
  expect(big.summary).toEqual({ ...little.summary, dialect: `${little.summary.dialect}, big endian` });
});
