// The trace of a source that is followed: events wait in memory, and the store is taken only to write them down.
// So between checkpoints everybody can read, and write as well. When the store is busy the events wait longer.

import { storeError } from '../base/errors.js';
import { BATCH_ROWS, EventBatch } from '../trace/batch.js';
import { COMMAND_CELLS, CommandBatch } from '../trace/command-batch.js';
import { IngestTransaction } from '../store/ingest.js';
import type { TraceFacts } from '../store/ingest.js';
import { isBusy } from '../store/failure.js';
import { findTraceBySha256 } from '../store/queries.js';
import type { TraceRow } from '../store/queries.js';
import { analysisRows, placeTrace } from './commit-trace.js';
import type { NamingOptions, TraceSoFar, UnnamedTrace } from './commit-trace.js';
import type { LazyStore } from './lazy-store.js';

/** Events that wait before the store is needed, whatever the interval: 14 MiB. */
const MAX_WAITING_ROWS = 64 * BATCH_ROWS;

/** The trace in the end: its own, or the one that had its content before. */
export interface FinishedTrace {
  readonly row: TraceRow;
  readonly known: boolean;
}

/** A trace that grows in a store. Ends with finish(), withdraw() or close(). */
export class GrowingTrace {
  private readonly stores: LazyStore;
  private readonly options: NamingOptions;
  private waiting: EventBatch[] = [];
  private waitingRows = 0;
  private waitingCommands: CommandBatch[] = [];
  private transaction: IngestTransaction | undefined;
  /** Whether the store has a state of it that others see, and under which name. */
  private name: string | undefined;

  constructor(stores: LazyStore, options: NamingOptions) {
    this.stores = stores;
    this.options = options;
  }

  /** Events so far. */
  get rows(): number {
    return (this.transaction?.rows ?? 0) + this.waitingRows;
  }

  /** So many events wait that no more should come before a checkpoint. */
  get isFull(): boolean {
    return this.waitingRows >= MAX_WAITING_ROWS;
  }

  /** Takes a copy of the batch. */
  add(batch: EventBatch): void {
    const copy = new EventBatch(batch.length);
    copy.copyFrom(batch);
    this.waiting.push(copy);
    this.waitingRows += copy.length;
  }

  /** Takes a copy of the lives of commands; they are fewer than the events. */
  addCommands({ cells, length }: CommandBatch): void {
    const copy = new CommandBatch(cells.slice(0, length * COMMAND_CELLS));
    copy.length = length;
    this.waitingCommands.push(copy);
  }

  /**
   * Makes the events so far permanent, as a trace for others to read. False when another process holds the store.
   * While the content so far is just that of another trace nothing is written. Throws a usageError when the name is
   * taken by other content.
   */
  checkpoint(trace: TraceSoFar): boolean {
    if (this.rows === 0) return true;
    return unlessBusy(() => {
      if (this.knownElsewhere(trace) === undefined) {
        this.write(trace, (transaction, facts, replaced) => transaction.checkpoint(facts, trace.sources, replaced));
      }
      return true;
    }) ?? false;
  }

  /** As checkpoint(), for the last time. Undefined when another process holds the store: it can be called again. */
  finish(trace: UnnamedTrace): FinishedTrace | undefined {
    return unlessBusy(() => {
      const known = this.knownElsewhere(trace);
      if (known !== undefined && this.options.force !== true) {
        this.transaction?.withdraw();
        return { row: known, known: true };
      }
      const row = this.write(trace, (transaction, facts, replaced) =>
        transaction.commit(facts, trace.sources, analysisRows(trace), replaced),
      );
      return { row, known: false };
    });
  }

  /** Removes the trace: its source is refused. */
  withdraw(): void {
    this.transaction?.withdraw();
  }

  /** Leaves what the last checkpoint made permanent. After finish() and withdraw() it does nothing. */
  close(): void {
    this.transaction?.rollback();
  }

  /** Another trace with the content so far. */
  private knownElsewhere(trace: TraceSoFar): TraceRow | undefined {
    const store = this.stores.existing;
    const known = store === undefined ? undefined : findTraceBySha256(store, trace.facts.sha256);
    return known?.id === this.transaction?.traceId ? undefined : known;
  }

  private write<T>(trace: TraceSoFar, commit: (transaction: IngestTransaction, facts: TraceFacts, replaced: readonly number[]) => T): T {
    const { stores, options } = this;
    const store = stores.open();
    this.transaction?.resume();
    const transaction = (this.transaction ??= new IngestTransaction(store));
    // Others may have written since, so the place is looked up while the store is held.
    const naming = { force: options.force, name: this.name ?? options.name };
    const place = placeTrace(store, { path: trace.path, sha256: trace.facts.sha256 }, naming, transaction.traceId);
    if (place === undefined) throw storeError(`another process has just put the content of ${trace.path} into store ${store.file}`);
    for (let batch = this.waiting.shift(); batch !== undefined; batch = this.waiting.shift()) {
      transaction.insert(batch);
      this.waitingRows -= batch.length;
    }
    for (const batch of this.waitingCommands.splice(0)) transaction.insertCommands(batch);
    const result = commit(transaction, { ...trace.facts, name: place.name, toolVersion: options.toolVersion }, place.replaced);
    this.name = place.name;
    return result;
  }
}

/** Undefined when another process holds the store. */
function unlessBusy<T>(write: () => T): T | undefined {
  try {
    return write();
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}
