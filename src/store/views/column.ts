// How the columns of the views are written down, and those that several views have.

import type { Column } from '../../base/table.js';

/** A column as it is written down here: most hold integers, and don't say so. */
export type ColumnDoc = Omit<Column, 'type'> & { readonly type?: 'text' | 'real' };

export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ColumnDoc[];
}

export const trace: ColumnDoc = { name: 'trace', doc: 'name of the trace', type: 'text' };
export const seq = { name: 'seq', doc: 'number of the event in its trace, from 0; the order of the capture' };
export const timeNs = { name: 'time_ns', doc: 'nanoseconds since the origin of the trace; NULL without time stamps' };
export const thread = { name: 'thread', doc: 'thread or vCPU that emitted the record; NULL when unknown' };
export const controller = { name: 'controller', doc: 'controller within the trace, from 0' };
export const queue = { name: 'queue', doc: 'queue identifier, 0 = admin; NULL when the event belongs to no queue' };
export const side: ColumnDoc = { name: 'side', doc: "'sq' or 'cq'; NULL when the event has no side", type: 'text', values: ['sq', 'cq'] };
export const sourceNumber = { name: 'source', doc: "number of the source in its trace, from 0: see the view sources" };
