// Finding the BAR of an NVMe controller, on address streams of real hosts and on constructed ones.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BEHIND_DOORBELLS, DOORBELL_READ } from '../../src/formats/bar-map.js';
import { BarFinder, HOLD_ROWS, OUTSIDE_BAR, parseBar } from '../../src/formats/bar.js';
import type { MmioOptions } from '../../src/formats/bar.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { ABSENT, EventWriter } from '../../src/trace/batch.js';
import { KIND, kindName } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { SHARED_TRACES, countKinds, decodeWith, sumsAddUp } from './support.js';

/** Address, width, value; a write unless it says otherwise. */
type Access = readonly [address: number, size: number, value: number, how?: 'read'];

class Bench {
  readonly events: PlainEvent[] = [];
  readonly tally = new Tally();
  readonly writer = new EventWriter((batch) => this.events.push(...plainEvents(batch)), 512);
  readonly finder: BarFinder;
  private place = 0;

  constructor(mmio?: MmioOptions) {
    this.finder = new BarFinder({ writer: this.writer, tally: this.tally, mmio });
  }

  access(...accesses: readonly Access[]): this {
    for (const [address, size, value, how] of accesses) {
      this.tally.read += 1;
      this.place += 1;
      this.finder.access(address, size, value, how !== 'read', { timeNs: this.place * 10, thread: ABSENT, place: this.place });
    }
    return this;
  }

  mark(): this {
    this.tally.read += 1;
    this.tally.events += 1;
    this.place += 1;
    const { writer } = this.finder;
    const row = writer.add(KIND.mark, this.place * 10);
    writer.batch.place[row] = this.place;
    return this;
  }

  end(): this {
    this.finder.end();
    this.writer.flush();
    expect(sumsAddUp(this.tally)).toBe(true);
    return this;
  }

  get ignored(): Record<string, number> {
    return Object.fromEntries(this.tally.ignoredNames);
  }

  /** "controller kind queue side value" of the doorbells. */
  get doorbells(): readonly string[] {
    return this.events
      .filter(({ kind }) => kind === KIND['doorbell.mmio'])
      .map(({ controller, queue, side, value }) => `${controller}: ${side === 0 ? 'sq' : 'cq'}${queue} ${value}`);
  }
}

/** What Linux does to a controller at `bar`, up to the first admin command. [LINUX drivers/nvme/host/pci.c] */
function bringUp(bar: number, dstrd = 0): readonly Access[] {
  return [
    [bar + 0x1c, 4, 0, 'read'],
    [bar, 4, 0x0f0107ff, 'read'],
    [bar + 4, 4, 0x400820 + dstrd, 'read'],
    [bar + 8, 4, 0x10400, 'read'],
    [bar + 0x24, 4, 0x1f001f],
    [bar + 0x28, 4, 0x1000],
    [bar + 0x2c, 4, 0],
    [bar + 0x30, 4, 0x2000],
    [bar + 0x34, 4, 0],
    [bar + 0x14, 4, 0x460001],
    [bar + 0x1c, 4, 1, 'read'],
    [bar + 0x1000, 4, 1],
    [bar + 0x1000 + (4 << dstrd), 4, 1],
  ];
}

/** Doorbells and registers, without the order of their time. */
function shown(events: readonly PlainEvent[]): readonly string[] {
  return events
    .filter(({ kind }) => ['doorbell.mmio', 'register.read', 'register.write'].includes(kindName(kind)))
    .map(({ kind, queue, side, value, extra }) => [kindName(kind), queue, side, value, extra].join(' '))
    .toSorted();
}

/** An Intel network controller: registers, interrupts, and ring tails that advance like doorbells. */
const NETWORK: readonly Access[] = [
  [0xfebc0000, 4, 0x140240],
  [0xfebc0008, 4, 0x80080783, 'read'],
  [0xfebc0014, 4, 0x1],
  [0xfebc1000, 4, 0x30],
  ...Array.from({ length: 40 }, (_, i): Access => [0xfebc2818, 4, i]),
  ...Array.from({ length: 40 }, (_, i): Access => [0xfebc3818, 4, i]),
];

describe('found by the accesses', () => {
  test('a controller, from its first access on', () => {
    const bench = new Bench().access(...bringUp(0xfebf0000)).end();
    expect(bench.finder.evidence).toBe('BAR0 0xfebf0000 (16 KiB): CSTS read, CAP read, upper half of CAP read, VS read as 1.4');
    expect(bench.tally.counts).toMatchObject({ read: 13, events: 13 });
    expect(countKinds(bench.events)).toEqual({ 'register.read': 5, 'register.write': 6, 'controller.enable': 1, 'doorbell.mmio': 2 });
    expect(bench.events.find(({ kind }) => kind === KIND['controller.enable'])).toMatchObject({ value: 32, extra: 32, place: 11 });
    expect(bench.doorbells).toEqual(['0: sq0 1', '0: cq0 1']);
  });

  test('two controllers and a network card, interleaved: numbered in the order in which they are recognised', () => {
    const first = bringUp(0xfebf0000);
    const second = bringUp(0x380000004000, 1);
    const mixed = first.flatMap((access, i) => [access, ...second.slice(i, i + 1), ...NETWORK.slice(i, i + 1)]);
    const bench = new Bench().access(...mixed, ...NETWORK.slice(first.length)).end();
    expect(bench.ignored).toEqual({ [OUTSIDE_BAR]: NETWORK.length });
    expect(bench.doorbells).toEqual(['0: sq0 1', '1: sq0 1', '0: cq0 1', '1: cq0 1']);
    expect(bench.events.map(({ place }) => place)).toEqual(bench.events.map(({ place }) => place).toSorted((a, b) => a - b));
  });

  test('in the middle of a run: doorbells of both sides that advance', () => {
    const ring = Array.from({ length: 20 }, (_, i): readonly Access[] => [
      [0xfebf1008, 4, 500 + i],
      [0xfebf100c, 4, 499 + i],
    ]).flat();
    const bench = new Bench().access(...ring).end();
    expect(bench.finder.evidence).toMatch(/^BAR0 0xfebf0000 \(16 KiB\): 8 doorbell writes that advance$/);
    expect(bench.doorbells).toHaveLength(40);
    expect(bench.doorbells.slice(0, 2)).toEqual(['0: sq1 500', '0: cq1 499']);
  });

  test('a few doorbells are enough at the end of a capture', () => {
    const bench = new Bench().access([0xfebf1008, 4, 1], [0xfebf100c, 4, 1], [0xfebf1008, 4, 2], [0xfebf100c, 4, 2], [0xfebf1008, 4, 3], [0xfebf100c, 4, 3]).end();
    expect(bench.doorbells).toHaveLength(6);
  });

  test.each<[string, readonly Access[]]>([
    ['a network card', NETWORK],
    ['one register that advances', Array.from({ length: 50 }, (_, i): Access => [0xfeb01018, 4, i])],
    ['configuration space', [[0xb0018000, 4, 0x101b36, 'read'], [0xb0018004, 2, 7], [0xb0018010, 4, 0xfebf0004, 'read']]],
    ['a local APIC', Array.from({ length: 9 }, (): Access => [0xfee000b0, 4, 0])],
    ['a virtio device', [[0xfebf8014, 1, 0], [0xfebf9000, 1, 0, 'read'], [0xfebf8000, 4, 0]]],
    ['addresses beyond 2^53', [[2 ** 60, 4, 1], [Infinity, 4, 1]]],
  ])('%s is none', (_, accesses) => {
    const bench = new Bench().access(...accesses).end();
    expect(bench.events).toEqual([]);
    expect(bench.ignored).toEqual({ [OUTSIDE_BAR]: accesses.length });
    expect(bench.finder.evidence).toBe(`no NVMe BAR found in ${accesses.length} MMIO accesses; --bar names one`);
  });

  test('events that are no accesses keep their place among those that are held', () => {
    const bench = new Bench();
    for (const access of bringUp(0xfebf0000)) bench.access(access).mark();
    bench.end();
    const places = bench.events.map(({ place }) => place);
    expect(new Set(places).size).toBe(26);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('what is held is bounded; a controller may still be recognised later', () => {
    const bench = new Bench().access([0xfebf001c, 4, 1, 'read']);
    for (let i = 0; i < HOLD_ROWS; i++) bench.mark();
    expect(bench.events.length).toBeGreaterThan(HOLD_ROWS / 2);
    bench.access(...bringUp(0xfebf0000)).end();
    // The first access and those up to VS come too early.
    expect(bench.ignored).toEqual({ [OUTSIDE_BAR]: 4 });
    expect(bench.doorbells).toEqual(['0: sq0 1', '0: cq0 1']);
  });

  test('a record without value rings an unknown value', () => {
    const bench = new Bench().access(...bringUp(0xfebf0000), [0xfebf1008, NaN, NaN]).end();
    expect(bench.doorbells.at(-1)).toBe('0: sq1 NaN');
  });
});

describe('where doorbells end', () => {
  const controller = bringUp(0xfebf0000);

  test.each<[string, readonly Access[]]>([
    ['a read', [[0xfebf200c, 4, 1, 'read'], [0xfebf2000, 4, 5], [0xfebf3000, 4, 5]]],
    ['a message address', [[0xfebf2010, 4, 0xfee00000], [0xfebf2014, 4, 0], [0xfebf201c, 4, 0]]],
    ['an 8-byte write', [[0xfebf2000, 8, 1], [0xfebf2008, 4, 1]]],
  ])('%s behind the first page begins the MSI-X table', (_, accesses) => {
    const bench = new Bench().access(...controller, ...accesses).end();
    expect(bench.ignored).toEqual({ [BEHIND_DOORBELLS]: accesses.length });
    expect(bench.doorbells).toHaveLength(2);
  });

  test('where many queues are in use they go on: queue 300, then 600', () => {
    const bench = new Bench().access(...controller, [0xfebf1000 + 300 * 8, 4, 7], [0xfebf1000 + 600 * 8, 4, 9]).end();
    expect(bench.doorbells.slice(-2)).toEqual(['0: sq300 7', '0: sq600 9']);
  });

  test('where the mapping says so they go on: queue 600', () => {
    const bench = new Bench();
    bench.finder.knowMapping(0xfebf0000, 0x4000);
    bench.access(...controller, [0xfebf1000 + 600 * 8, 4, 9]).end();
    expect(bench.doorbells.at(-1)).toBe('0: sq600 9');
  });

  test('in the middle of a run: an MSI-X vector that is masked, moved to another CPU and unmasked rings nothing', () => {
    const rings = Array.from({ length: 12 }, (_, i): Access => [0xfebf1008 + 4 * (i % 2), 4, i]);
    const moved: Access[] = [[0xfebf200c, 4, 1], [0xfebf2000, 4, 0xfee01000], [0xfebf2004, 4, 0], [0xfebf2008, 4, 0x4022], [0xfebf200c, 4, 0]];
    const bench = new Bench().access(...rings, ...moved, [0xfebf1008, 4, 13]).end();
    expect(bench.ignored).toEqual({ [BEHIND_DOORBELLS]: moved.length });
    expect(bench.doorbells).toHaveLength(rings.length + 1);
  });

  test('a mapping that the capture names bounds them', () => {
    const bench = new Bench();
    bench.finder.knowMapping(0xfebf0000, 0x2000);
    bench.access(...controller, [0xfebf2000, 4, 5]).end();
    expect(bench.ignored).toEqual({ [BEHIND_DOORBELLS]: 1 });
  });

  test('reads, other widths and places between doorbells are no doorbell writes', () => {
    const bench = new Bench().access(...bringUp(0xfebf0000, 2), [0xfebf1000, 4, 0, 'read'], [0xfebf1010, 2, 1], [0xfebf1004, 4, 1]).end();
    expect(bench.ignored).toEqual({ [DOORBELL_READ]: 1 });
    expect([...bench.tally.rejectReasons.keys()]).toEqual([
      'write behind the NVMe registers: a doorbell is 4 bytes wide',
      'write behind the NVMe registers: no doorbell there with CAP.DSTRD 2',
    ]);
  });
});

describe('given by the user', () => {
  test('nothing else is looked at, and the order of the flags numbers the controllers', () => {
    const bars = [parseBar('0xfebf4000:0x4000'), parseBar('4273930240')];
    expect(bars).toEqual([{ base: 0xfebf4000, size: 0x4000 }, { base: 4273930240, size: undefined }]);
    const bench = new Bench({ bars }).access(...bringUp(4273930240), [0xfebf5008, 4, 7], ...bringUp(0x10000)).end();
    expect(bench.doorbells).toEqual(['1: sq0 1', '1: cq0 1', '0: sq1 7']);
    expect(bench.ignored).toEqual({ [OUTSIDE_BAR]: 13 });
  });

  test('--dstrd holds against CAP', () => {
    const bench = new Bench({ bars: [{ base: 0xfebf0000 }], dstrd: 3 }).access(...bringUp(0xfebf0000, 1), [0xfebf1020, 4, 3]).end();
    expect(bench.doorbells.at(-1)).toBe('0: cq0 3');
  });

  test.each(['', 'febf0000', '0xfebf0000:', '0xfebf0000:0', '1:2:3', '-4096', '0xfebf0010', '0x'])('%j is refused', (text) => {
    expect(() => parseBar(text)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`--bar ${text}`) }));
  });
});

describe('on the addresses that hosts recorded', () => {
  for (const name of ['kvmon', 'kvmoff']) {
    const path = `${SHARED_TRACES}kvm/${name}.host-ftrace.txt.gz`;
    test.skipIf(!existsSync(path))(`${name}: the doorbells are those of QEMU's log of the same run`, () => {
      const text = gunzipSync(readFileSync(path)).toString('latin1');
      const bench = new Bench();
      for (const [, how, size, address, value] of text.matchAll(/kvm_mmio: mmio (read|write) len (\d+) gpa (0x\w+) val (0x\w+)/g)) {
        bench.access([Number(address), Number(size), Number(value), how === 'read' ? 'read' : undefined] as Access);
      }
      bench.end();
      expect(bench.finder.evidence).toMatch(/^BAR0 0xfebf0000 \(16 KiB\): VS read as 1\.4, CAP read, upper half of CAP read$/);
      expect(bench.ignored[BEHIND_DOORBELLS]).toBe(218);
      const log = decodeWith(qemuLog, gunzipSync(readFileSync(`${SHARED_TRACES}kvm/${name}.qemu.log.gz`)));
      // One log line per access; with two vCPUs the two recorders may see neighbours in another order.
      expect(shown(bench.events)).toEqual(shown(log.events));
    });
  }
});
