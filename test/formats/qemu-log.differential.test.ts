// The byte scanner against a reader made of regular expressions, event by event, on captures and on generated lines.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { holds } from '../support/property.js';
import { oracle } from './qemu-log.oracle.js';
import { decodeWith, fixtureBytes, fixtureCases } from './support.js';

const CAPTURES = [...fixtureCases('qemu-log')].filter(([, file]) => file.endsWith('.gz'));

test.each(CAPTURES)('%s: the same events as the regular expressions find', (_, file) => {
  const bytes = fixtureBytes('qemu-log', file);
  const { events } = decodeWith(qemuLog, bytes);
  const expected = oracle(bytes.toString('latin1'));
  expect(events).toHaveLength(expected.length);
  expect(events).toEqual(expected);
});

const u16 = fc.nat(0xffff);
const hex64 = fc.maxSafeNat().map((n) => `0x${n.toString(16)}`);
const text = fc.oneof(
  fc.tuple(fc.constantFrom('mmio_doorbell_sq', 'update_sq_tail'), u16, u16).map(([name, q, v]) => `${name} sqid ${q} new_tail ${v}`),
  fc.tuple(fc.constantFrom('mmio_doorbell_cq', 'update_cq_head'), u16, u16).map(([name, q, v]) => `${name} cqid ${q} new_head ${v}`),
  fc.tuple(fc.constantFrom('update_sq_eventidx', 'eventidx_sq'), u16, u16).map(([name, q, v]) => `${name} sqid ${q} new_eventidx ${v}`),
  fc.tuple(fc.nat({ max: 40 }), u16).map(([i, v]) => `mmio_write addr 0x${(0x1000 + 4 * i).toString(16)} data 0x${v.toString(16)} size 4`),
  fc.tuple(fc.nat({ max: 0x1100 }), hex64).map(([a, v]) => `mmio_write addr 0x${a.toString(16)} data ${v} size 4`),
  fc.tuple(u16, u16, fc.nat(0xff)).map(([c, q, o]) => `io_cmd cid ${c} nsid 0x1 sqid ${q} opc 0x${o.toString(16)} opname 'X'`),
  fc.tuple(u16, u16, hex64).map(([c, n, lba]) => `read cid ${c} nsid 1 nlb ${n} count 512 lba ${lba}`),
  fc.tuple(u16, u16, u16).map(([c, q, s]) => `enqueue_req_completion cid ${c} cqid ${q} dw0 0x0 dw1 0x0 status 0x${s.toString(16)}`),
);
const prefix = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.nat(0x7fff_ffff), fc.nat({ max: 1_000_000 }), fc.nat({ max: 999_999 })).map(
    ([thread, seconds, micros]) => `${thread}@${1_795_000_000 + seconds}.${String(micros).padStart(6, '0')}:`,
  ),
);
const line = fc.tuple(prefix, text).map(([before, behind]) => `${before}pci_nvme_${behind}\n`);
/** One trapped write as both of its events, with another line between them now and then. */
const access = fc
  .tuple(prefix, fc.nat({ max: 20 }), u16, fc.oneof(fc.constant(''), line))
  .map(([before, qid, tail, between]) => {
    const addr = (0x1000 + 8 * qid).toString(16);
    return `${before}pci_nvme_mmio_write addr 0x${addr} data 0x${tail.toString(16)} size 4\n${between}${before}pci_nvme_mmio_doorbell_sq sqid ${qid} new_tail ${tail}\n`;
  });
const logs = fc.array(fc.oneof(line, access), { maxLength: 40 }).map((lines) => lines.join(''));

test('generated logs: the same events in pieces of every size', () => {
  holds(
    fc.property(logs, fc.integer({ min: 1, max: 300 }), (log, chunkBytes) => {
      const { events, tally } = decodeWith(qemuLog, Buffer.from(log, 'latin1'), chunkBytes);
      expect(events).toEqual(oracle(log));
      expect(tally.counts.rejected + tally.counts.unknown).toBe(0);
    }),
    500,
  );
});
