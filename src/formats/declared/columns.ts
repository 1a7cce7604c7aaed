// What a declared rule may say of an event, and which values fit: the columns of trace/event.ts.

import type { EventBatch } from '../../trace/batch.js';
import type { KindName } from '../../trace/event.js';

/** Columns that a rule can fill; kind, time and place are filled otherwise. */
export const COLUMNS = ['thread', 'controller', 'queue', 'side', 'cid', 'opcode', 'status', 'value', 'extra'] as const;
export type Column = (typeof COLUMNS)[number];

/** Smallest and largest value of each column. */
export const RANGES: Readonly<Record<Column, readonly [number, number]>> = {
  thread: [0, 0x7fff_ffff],
  controller: [0, 0xff],
  queue: [0, 0xffff],
  side: [0, 1],
  cid: [0, 0xffff],
  opcode: [0, 0xff],
  status: [0, 0x7fff],
  value: [0, Number.MAX_SAFE_INTEGER],
  extra: [-1, Number.MAX_SAFE_INTEGER],
};

interface Shape {
  /** Without these the event says nothing. */
  readonly needs: readonly Column[];
  readonly may: readonly Column[];
}

const QUEUE_VALUE: Shape = { needs: ['queue', 'side', 'value'], may: [] };
const NOTHING: Shape = { needs: [], may: [] };

/** The columns of each kind; `thread` and `controller` may stand in any. */
export const SHAPES: Readonly<Record<KindName, Shape>> = {
  'doorbell.mmio': { needs: ['queue', 'side'], may: ['value'] },
  'doorbell.shadow': QUEUE_VALUE,
  eventidx: QUEUE_VALUE,
  'command.setup': { needs: ['queue', 'cid'], may: ['opcode', 'value', 'extra'] },
  'command.fetch': { needs: ['queue', 'cid'], may: ['opcode'] },
  'command.range': { needs: ['cid', 'value'], may: ['extra'] },
  'command.complete': { needs: ['queue', 'cid'], may: ['side', 'status'] },
  'command.reap': { needs: ['queue', 'cid'], may: ['status'] },
  interrupt: { needs: [], may: ['queue', 'value', 'extra'] },
  'queue.create': { needs: ['queue', 'side'], may: ['value', 'cid', 'extra'] },
  'queue.delete': { needs: ['queue', 'side'], may: [] },
  'dbbuf.config': { needs: [], may: ['value', 'extra'] },
  'controller.reset': NOTHING,
  'controller.enable': { needs: [], may: ['value', 'extra'] },
  'controller.shutdown': NOTHING,
  'register.read': { needs: ['extra'], may: [] },
  'register.write': { needs: ['extra'], may: ['value'] },
  'vm.exit': { needs: [], may: ['value', 'extra'] },
  'vm.entry': NOTHING,
  lost: { needs: [], may: ['value'] },
  mark: NOTHING,
};

/** Whether an event of the kind can have the column. */
export function allowed(kind: KindName, column: Column): boolean {
  const { needs, may } = SHAPES[kind];
  return column === 'thread' || column === 'controller' || needs.includes(column) || may.includes(column);
}

/** Sets one column of a row. */
export function setColumn(batch: EventBatch, column: Column, row: number, value: number): void {
  batch[column][row] = value;
}
