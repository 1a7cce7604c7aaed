// Reads the rows of one trace, or one run, out of a documented view, a batch at a time, exactly as SQL has them.

import { storeError } from '../base/errors.js';
import type { Cell, Column, RowBatch } from '../base/table.js';
import { storeFailure } from './failure.js';
import type { Store } from './open.js';
import { describeView } from './views.js';
import type { ReadableView } from './views.js';

/** Rows of a batch at most. */
const BATCH_ROWS = 16_384;
/** Characters of free text after which a batch ends early: runs hold whole documents. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

/** What a sweep varies. */
const CONFIGURATION = 'driver, device, transport, policy, cq_policy, policy_sha256';

/**
 * How rows get into their order. Of events and commands there can be millions: their views go through one range of a
 * table's keys, and come in order without a sort. SQL doesn't promise that, so `rising` names the column that is checked.
 */
const ORDER: Readonly<Record<ReadableView, { readonly rising: string } | { readonly by: string }>> = {
  events: { rising: 'seq' },
  doorbells: { rising: 'seq' },
  commands: { rising: 'number' },
  occupancy: { by: 'life, stage, start_ns' },
  queues: { by: 'life' },
  runs: { by: 'id' },
  sweep_cells: { by: `${CONFIGURATION}, seed, version, key` },
  sweep_points: { by: `${CONFIGURATION}, version` },
};

/** The rows whose `column` has this value. */
export interface Selection {
  readonly column: 'trace' | 'id';
  readonly value: string | bigint;
}

/**
 * Yields the selected rows in the order of the view. All of them are of one state of the store; while they are read, nobody can
 * write to it. Memory: one batch of at most 16,384 rows, or 4 Mi characters of free text and one more row.
 * Throws a storeError when the store fails, or holds a value that the view's documentation rules out.
 */
export function* viewBatches(store: Store, name: ReadableView, selection: Selection, batchRows = BATCH_ROWS): Generator<RowBatch, undefined> {
  const { columns } = describeView(name);
  const order = ORDER[name];
  const list = columns.map((column) => `"${column.name}"`).join(', ');
  const sort = 'by' in order ? ` ORDER BY ${order.by}` : '';
  const filler = new Filler(`view ${name} of store ${store.file}`, columns, 'rising' in order ? order.rising : undefined);
  try {
    const statement = store.db.prepare<[string | bigint], unknown[]>(`SELECT ${list} FROM ${name} WHERE ${selection.column} = ?${sort}`);
    for (const row of statement.safeIntegers().raw().iterate(selection.value)) {
      filler.push(row);
      if (filler.length === batchRows || filler.characters >= BATCH_CHARACTERS) yield filler.take();
    }
  } catch (error) {
    throw storeFailure(error, store.file);
  }
  if (filler.length > 0) yield filler.take();
}

/** Gathers rows into columns, and checks them on the way: the store may have been made by someone else. */
class Filler {
  characters = 0;
  length = 0;
  private readonly where: string;
  private readonly kinds: readonly Kind[];
  private readonly rising: number;
  private last = -1n;
  private cells: Cell[][];

  constructor(where: string, columns: readonly Column[], rising: string | undefined) {
    this.where = where;
    this.kinds = columns.map(({ name, type, values }) => ({ name, typeName: TYPE_NAME[type], values: values === undefined ? undefined : new Set(values) }));
    this.rising = columns.findIndex((column) => column.name === rising);
    this.cells = this.kinds.map(() => []);
  }

  push(row: readonly unknown[]): void {
    for (let at = 0; at < row.length; at++) {
      const cell = row[at];
      if (cell !== null) this.check(cell, this.kinds[at]!);
      this.cells[at]!.push(cell as Cell);
    }
    this.length += 1;
    if (this.rising < 0) return;
    const key = row[this.rising] as bigint | null;
    if (key === null || key <= this.last) throw this.failure(`column ${this.kinds[this.rising]!.name} goes from ${this.last} to ${key}`);
    this.last = key;
  }

  take(): RowBatch {
    const { length, cells: columns } = this;
    this.cells = this.kinds.map(() => []);
    this.length = 0;
    this.characters = 0;
    return { length, columns };
  }

  private check(cell: unknown, { name, typeName, values }: Kind): void {
    if (typeof cell !== typeName) throw this.failure(`column ${name} holds ${SQL_NAME[typeof cell] ?? 'a blob'} instead of ${SQL_NAME[typeName]}`);
    if (typeof cell !== 'string') return;
    if (values === undefined) this.characters += cell.length;
    else if (!values.has(cell)) throw this.failure(`column ${name} holds ${JSON.stringify(cell.slice(0, 40))}, which is none of its values`);
  }

  private failure(what: string): Error {
    return storeError(`${this.where}: ${what}`, { suggestions: ['Ingest the captures again into a new store.'] });
  }
}

interface Kind {
  readonly name: string;
  readonly typeName: string;
  readonly values: ReadonlySet<string> | undefined;
}

/** What better-sqlite3 returns with safe integers, by column type. */
const TYPE_NAME = { integer: 'bigint', real: 'number', text: 'string' } as const;
/** The same in the words of SQL. */
const SQL_NAME: Readonly<Record<string, string>> = { bigint: 'an integer', number: 'a real number', string: 'text' };
