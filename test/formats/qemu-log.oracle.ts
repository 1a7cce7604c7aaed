// A second reader of QEMU logs for differential tests: regular expressions and strings, slow and obvious.
// It knows QEMU 5.2 and later with the thread prefix or none, and whole lines only.

import { ABSENT } from '../../src/trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';

const LINE = /^(?:(\d+)@(\d+)\.(\d{6}):)?pci_nvme_(\w+) (.*)$/;
const QUEUE_EVENTS: Readonly<Record<string, readonly [kind: number, side: number]>> = {
  mmio_doorbell_sq: [KIND['doorbell.mmio'], SIDE_SQ],
  mmio_doorbell_cq: [KIND['doorbell.mmio'], SIDE_CQ],
  shadow_doorbell_sq: [KIND['doorbell.shadow'], SIDE_SQ],
  shadow_doorbell_cq: [KIND['doorbell.shadow'], SIDE_CQ],
  update_sq_tail: [KIND['doorbell.shadow'], SIDE_SQ],
  update_cq_head: [KIND['doorbell.shadow'], SIDE_CQ],
  eventidx_sq: [KIND.eventidx, SIDE_SQ],
  update_sq_eventidx: [KIND.eventidx, SIDE_SQ],
  update_cq_eventidx: [KIND.eventidx, SIDE_CQ],
};

/** Every number of a text, decimal or hexadecimal, in order. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/(?<![\w-])(?:0x[0-9a-f]+|\d+)(?!\w)/g)].map(([digits]) => Number(digits));
}

/** The events of a log; `place` is the line, and times count from the first stamp. */
export function oracle(log: string): PlainEvent[] {
  const lines = log.split('\n');
  const events: PlainEvent[] = [];
  let origin: bigint | undefined;
  let aqa = NaN;
  let adminCid = ABSENT;
  let showsTwice = false;
  const late = new Map<number, () => void>();
  lines.forEach((line, index) => {
    late.get(index)?.();
    const match = LINE.exec(line);
    if (match === null) return;
    const [, thread, seconds, micros, name = '', text = ''] = match;
    const stamp = seconds === undefined ? undefined : BigInt(seconds) * 1_000_000_000n + BigInt(micros ?? '') * 1000n;
    origin ??= stamp;
    const common = {
      timeNs: stamp === undefined ? NaN : Number(stamp - (origin ?? 0n)),
      thread: thread === undefined ? ABSENT : Number(thread),
      controller: 0,
      place: index + 1,
    };
    const none = { queue: ABSENT, side: ABSENT, cid: ABSENT, opcode: ABSENT, status: ABSENT, value: NaN, extra: NaN };
    const add = (kind: number, columns: Partial<PlainEvent>): void => {
      events.push({ kind, ...common, ...none, ...columns });
    };
    const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN] = numbersIn(text);
    const last = numbersIn(text).at(-1) ?? NaN;
    const queueEvent = QUEUE_EVENTS[name];
    if (queueEvent !== undefined) add(queueEvent[0], { side: queueEvent[1], queue: a, value: b });
    else if (name === 'io_cmd') add(KIND['command.fetch'], { cid: a, queue: c, opcode: d });
    else if (name === 'admin_cmd') {
      adminCid = a;
      add(KIND['command.fetch'], { cid: a, queue: b, opcode: c });
    } else if (name === 'read' || name === 'write') add(KIND['command.range'], { cid: a, extra: c, value: e });
    else if (name === 'enqueue_req_completion') add(KIND['command.complete'], { cid: a, queue: b, side: SIDE_CQ, status: last });
    else if (name === 'irq_msix') add(KIND.interrupt, { value: a, extra: 0 });
    else if (name === 'irq_pin') add(KIND.interrupt, { extra: 1 });
    else if (name === 'irq_masked') add(KIND.interrupt, { extra: 2 });
    else if (name === 'create_sq') add(KIND['queue.create'], { queue: b, side: SIDE_SQ, cid: adminCid, value: d + 1, extra: c });
    else if (name === 'create_cq') add(KIND['queue.create'], { queue: b, side: SIDE_CQ, cid: adminCid, value: d + 1, extra: f === 0 ? -1 : c });
    else if (name === 'del_sq') add(KIND['queue.delete'], { queue: a, side: SIDE_SQ });
    else if (name === 'del_cq') add(KIND['queue.delete'], { queue: a, side: SIDE_CQ });
    else if (name === 'dbbuf_config') add(KIND['dbbuf.config'], { value: a, extra: b });
    else if (name === 'mmio_aqattr') aqa = a;
    else if (name === 'mmio_start_success') add(KIND['controller.enable'], { value: (aqa % 4096) + 1, extra: (Math.floor(aqa / 65536) % 4096) + 1 });
    else if (name === 'mmio_stopped' || name === 'pci_reset') add(KIND['controller.reset'], {});
    else if (name === 'mmio_shutdown_set') add(KIND['controller.shutdown'], {});
    else if (name === 'mmio_read') add(KIND['register.read'], { extra: a });
    else if (name === 'mmio_write') {
      const index4 = (a - 0x1000) / 4;
      if (a < 0x1000 || index4 % 1 !== 0) add(KIND['register.write'], { value: b, extra: a });
      else {
        const side = index4 % 2 === 0 ? 'sq' : 'cq';
        const qid = Math.floor(index4 / 2);
        const next = settledBy(lines, index, showsTwice);
        const same = `pci_nvme_mmio_doorbell_${side} ${side}id ${qid} new_${side === 'sq' ? 'tail' : 'head'} ${b % 65536}`;
        if (lines[next]?.endsWith(same) === true) showsTwice = true;
        else late.set(next, () => add(KIND['doorbell.mmio'], { queue: qid, side: side === 'sq' ? SIDE_SQ : SIDE_CQ, value: b % 65536 }));
      }
    }
  });
  late.get(lines.length)?.();
  return events;
}

/** Index of the line that tells whether the write in line `from` shows as a doorbell event too; the number of lines when none does. */
function settledBy(lines: readonly string[], from: number, showsTwice: boolean): number {
  const thread = LINE.exec(lines[from] ?? '')?.[1];
  const next = lines.findIndex((line, index) => {
    const match = index > from ? LINE.exec(line) : null;
    if (match === null) return false;
    const between = showsTwice && thread !== undefined && match[1] !== undefined && match[1] !== thread;
    return !between || /pci_nvme_mmio_write addr 0x1[0-9a-f]{3} /.test(line);
  });
  return next < 0 ? lines.length : next;
}
