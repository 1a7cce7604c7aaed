// A slow second reader of ftrace text and perf script, made of regular expressions, for the lines that captures have.
// It shares nothing with the decoder but the tables of names.

import { ABSENT } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import { EXIT_REASONS, ISA_SVM } from '../../src/formats/linux/exit-reasons.js';
import { OPCODE_BY_NAME } from '../../src/formats/linux/opcode-names.js';
import type { PlainEvent } from '../support/events.js';

const FTRACE = /^.*?-(\d+) +(?:\( *(?:\d+|-+)\) +)?\[\d+\] +(?:[^\s\d]\S{2,8} +)?(\d+)\.(\d+): +(\w+): +(.*)$/;
const PERF = /^.*? (?:\d+\/)?(\d+) +\[\d+\] +(\d+)\.(\d+): +\w+:(\w+): (.*)$/;
/** I/O commands whose first LBA and number of blocks are known. */
const RANGED = new Set([0x01, 0x02, 0x04, 0x05, 0x08, 0x0c, 0x7d]);

type Row = Partial<PlainEvent> & { readonly kind: number };

const BLANK: PlainEvent = {
  kind: 0, timeNs: NaN, thread: ABSENT, controller: 0, queue: ABSENT, side: ABSENT,
  cid: ABSENT, opcode: ABSENT, status: ABSENT, value: NaN, extra: NaN, place: NaN,
};

/** The events of a text; `bar` is where the controller's registers are. */
export function oracle(text: string, shape: 'ftrace' | 'perf', bar = NaN): PlainEvent[] {
  const events: PlainEvent[] = [];
  const deleted = new Map<string, Row>();
  let origin: bigint | undefined;
  let timeNs = NaN;
  text.split('\n').forEach((line, i) => {
    const lost = /^CPU:\d+ \[LOST (\d+) EVENTS\]$/.exec(line);
    if (lost !== null) events.push({ ...BLANK, kind: KIND.lost, timeNs, value: Number(lost[1]), place: i + 1 });
    const match = (shape === 'ftrace' ? FTRACE : PERF).exec(line);
    if (match === null) return;
    const [, pid = '', seconds = '', fraction = '', name = '', rest = ''] = match;
    const stamp = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
    origin ??= stamp;
    timeNs = Number(stamp - origin);
    for (const row of rowsOf(name, rest, bar, deleted)) events.push({ ...BLANK, timeNs, thread: Number(pid), place: i + 1, ...row });
  });
  return events;
}

function rowsOf(name: string, text: string, bar: number, waiting: Map<string, Row>): Row[] {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
  const dumped = text.startsWith('[FAILED TO PARSE] ');
  const controller = dumped ? number(/ ctrl_id=(\d+)/) : number(/^nvme(\d+): /);
  const queue = number(/\bqid=(\d+)/);
  const cid = number(/\b(?:cmdid|cid)=(\d+)/);
  switch (name) {
    case 'nvme_setup_cmd': {
      const opcode = dumped ? number(/ opcode=(\d+)/) : OPCODE_BY_NAME.get(/cmd=\((\w+)/.exec(text)?.[1] ?? '') ?? ABSENT;
      const bytes = (/cdw10=(?:ARRAY\[)?((?:[0-9a-f]{2}(?:, | )?){24})/.exec(text)?.[1] ?? '').match(/[0-9a-f]{2}/g) ?? [];
      const le = (at: number, size: number): number => Number(`0x${bytes.slice(at, at + size).toReversed().join('')}`);
      const ranged = queue > 0 && RANGED.has(opcode);
      const slba = ranged ? (dumped ? le(0, 8) : number(/ slba=(\d+)/)) : NaN;
      const blocks = ranged ? (dumped ? le(8, 2) : number(/ len=(\d+)/)) + 1 : NaN;
      const rows: Row[] = [{ kind: KIND['command.setup'], controller, queue, cid, opcode, value: slba, extra: blocks }];
      const created = /nvme_admin_create_(sq|cq) \wqid=(\d+), qsize=(\d+), \wq_flags=0x(\w+), \w+=(\d+)/.exec(text);
      if (created !== null) {
        const cq = created[1] === 'cq';
        const extra = cq && (Number(created[4]) & 2) === 0 ? -1 : Number(created[5]);
        rows.push({ kind: KIND['queue.create'], controller, queue: Number(created[2]), side: cq ? 1 : 0, cid, value: Number(created[3]) + 1, extra });
      }
      const gone = /nvme_admin_delete_(sq|cq) \wqid=(\d+)/.exec(text);
      if (gone !== null) waiting.set(`${cid}`, { kind: KIND['queue.delete'], controller, queue: Number(gone[2]), side: gone[1] === 'cq' ? 1 : 0 });
      if (text.includes('nvme_admin_dbbuf')) waiting.set(`${cid}`, { kind: KIND['dbbuf.config'], controller });
      return rows;
    }
    case 'nvme_complete_rq': {
      const reap: Row = { kind: KIND['command.reap'], controller, queue, cid, status: number(/\bstatus=(0x[0-9a-f]+|\d+)/) };
      const row = queue === 0 && reap.status === 0 ? waiting.get(`${cid}`) : undefined;
      return row === undefined ? [reap] : [reap, row];
    }
    case 'kvm_entry':
      return [{ kind: KIND['vm.entry'] }];
    case 'kvm_exit': {
      const reason = EXIT_REASONS.get(/reason (.*?) rip /.exec(text)?.[1] ?? '');
      const npf = reason?.isa === ISA_SVM && reason.reason === 0x400;
      return [{ kind: KIND['vm.exit'], value: reason?.reason ?? NaN, extra: npf ? number(/ info2 (0x[0-9a-f]+)/) : NaN }];
    }
    case 'kvm_mmio': {
      const write = /^mmio write len 4 gpa (0x[0-9a-f]+) val (0x[0-9a-f]+)/.exec(text);
      const index = (Number(write?.[1]) - bar - 0x1000) / 4;
      if (!(index >= 0 && index < 1024)) return [];
      return [{ kind: KIND['doorbell.mmio'], queue: Math.floor(index / 2), side: index % 2, value: Number(write?.[2]) }];
    }
    default:
      return [];
  }
}
