// Columnar batches of normalized events, and the writer that fills and hands them on.

/** Stands for "no value" in an integer column, and as NaN in a number column. */
export const ABSENT = -1;

/** Rows in a batch: 13 columns of it take 216 KiB. */
export const BATCH_ROWS = 4096;
/** Four columns of 8 bytes, four of 4, one of 2 and four of 1. */
const BYTES_PER_ROW = 4 * 8 + 4 * 4 + 2 + 4;

/**
 * A batch of events as a structure of arrays; only rows 0 .. length - 1 are valid.
 * A batch is reused after the consumer returns: copy what must be kept.
 */
export class EventBatch {
  length = 0;
  readonly capacity: number;
  /** See KIND in event.ts. */
  readonly kind: Uint8Array;
  /** Nanoseconds since the trace's origin; NaN when the capture has no time stamps. */
  readonly timeNs: Float64Array;
  /** Thread or vCPU that emitted the record; ABSENT when unknown. */
  readonly thread: Int32Array;
  /** Which of the trace's sources the event is from, from 0. */
  readonly source: Uint8Array;
  /** Controller within the trace, from 0. */
  readonly controller: Uint8Array;
  /** Queue identifier, 0 = admin; ABSENT when the event belongs to no queue. */
  readonly queue: Int32Array;
  /** SIDE_SQ or SIDE_CQ; ABSENT when the event has no side. */
  readonly side: Int8Array;
  /** Command identifier, 16 bits; ABSENT when the event has none. */
  readonly cid: Int32Array;
  /** Command opcode, 8 bits; ABSENT when the event has none. */
  readonly opcode: Int16Array;
  /** Completion status, 15 bits without phase; ABSENT when the event has none. */
  readonly status: Int32Array;
  /** Meaning by kind; whole numbers up to 2^53 - 1, NaN when absent. */
  readonly value: Float64Array;
  /** Meaning by kind; whole numbers up to 2^53 - 1, NaN when absent. */
  readonly extra: Float64Array;
  /** Where the record stands in its source: line (from 1) in text, byte (from 0) in binary formats. */
  readonly place: Float64Array;

  /** Without a buffer of its own the batch lies in `buffer`, which must have bytesOf(capacity) bytes. */
  constructor(capacity = BATCH_ROWS, buffer: ArrayBufferLike = new ArrayBuffer(EventBatch.bytesOf(capacity))) {
    this.capacity = capacity;
    // Wide columns first: each begins at a multiple of its element's size.
    let at = 0;
    const place = (bytesPerRow: number): number => {
      const start = at;
      at += bytesPerRow * capacity;
      return start;
    };
    this.timeNs = new Float64Array(buffer, place(8), capacity);
    this.value = new Float64Array(buffer, place(8), capacity);
    this.extra = new Float64Array(buffer, place(8), capacity);
    this.place = new Float64Array(buffer, place(8), capacity);
    this.thread = new Int32Array(buffer, place(4), capacity);
    this.queue = new Int32Array(buffer, place(4), capacity);
    this.cid = new Int32Array(buffer, place(4), capacity);
    this.status = new Int32Array(buffer, place(4), capacity);
    this.opcode = new Int16Array(buffer, place(2), capacity);
    this.kind = new Uint8Array(buffer, place(1), capacity);
    this.source = new Uint8Array(buffer, place(1), capacity);
    this.controller = new Uint8Array(buffer, place(1), capacity);
    this.side = new Int8Array(buffer, place(1), capacity);
  }

  /** Bytes of a batch's columns. */
  static bytesOf(capacity: number): number {
    return capacity * BYTES_PER_ROW;
  }

  /** Becomes empty: no row has a value in any column. */
  clear(): void {
    const used = this.length;
    this.timeNs.fill(NaN, 0, used);
    this.value.fill(NaN, 0, used);
    this.extra.fill(NaN, 0, used);
    this.place.fill(NaN, 0, used);
    this.thread.fill(ABSENT, 0, used);
    this.queue.fill(ABSENT, 0, used);
    this.cid.fill(ABSENT, 0, used);
    this.status.fill(ABSENT, 0, used);
    this.opcode.fill(ABSENT, 0, used);
    this.kind.fill(0, 0, used);
    this.source.fill(0, 0, used);
    this.controller.fill(0, 0, used);
    this.side.fill(ABSENT, 0, used);
    this.length = 0;
  }

  /** Becomes a copy of the rows of a batch that has at most `capacity` of them. */
  copyFrom(from: EventBatch): void {
    const { length } = from;
    if (length > this.capacity) throw new RangeError(`a batch for ${this.capacity} rows can't take ${length}`);
    this.timeNs.set(from.timeNs.subarray(0, length));
    this.value.set(from.value.subarray(0, length));
    this.extra.set(from.extra.subarray(0, length));
    this.place.set(from.place.subarray(0, length));
    this.thread.set(from.thread.subarray(0, length));
    this.queue.set(from.queue.subarray(0, length));
    this.cid.set(from.cid.subarray(0, length));
    this.status.set(from.status.subarray(0, length));
    this.opcode.set(from.opcode.subarray(0, length));
    this.kind.set(from.kind.subarray(0, length));
    this.source.set(from.source.subarray(0, length));
    this.controller.set(from.controller.subarray(0, length));
    this.side.set(from.side.subarray(0, length));
    this.length = length;
  }
}

/** Copies every column of a row to row `at` of another batch. */
export function copyRow(from: EventBatch, row: number, to: EventBatch, at: number): void {
  to.kind[at] = from.kind[row]!;
  to.timeNs[at] = from.timeNs[row]!;
  to.thread[at] = from.thread[row]!;
  to.source[at] = from.source[row]!;
  to.controller[at] = from.controller[row]!;
  to.queue[at] = from.queue[row]!;
  to.side[at] = from.side[row]!;
  to.cid[at] = from.cid[row]!;
  to.opcode[at] = from.opcode[row]!;
  to.status[at] = from.status[row]!;
  to.value[at] = from.value[row]!;
  to.extra[at] = from.extra[row]!;
  to.place[at] = from.place[row]!;
}

/** Receives full batches; the batch is valid only during the call. */
export type BatchConsumer = (batch: EventBatch) => void;

/** Appends events to a batch and hands it to the consumer whenever it is full. */
export class EventWriter {
  readonly batch: EventBatch;
  private readonly consume: BatchConsumer;
  private handedOn = 0;

  constructor(consume: BatchConsumer, capacity = BATCH_ROWS) {
    this.consume = consume;
    this.batch = new EventBatch(capacity);
    // A whole column at a time is faster than row by row: rows that aren't begun are absent already.
    this.batch.length = capacity;
    this.batch.clear();
  }

  /** Events written so far. */
  get count(): number {
    return this.handedOn + this.batch.length;
  }

  /**
   * Starts an event and returns its row in `batch`, whose other columns are absent until the caller sets them.
   * The row stays valid until the next call.
   */
  add(kind: number, timeNs: number): number {
    if (this.batch.length === this.batch.capacity) this.flush();
    const b = this.batch;
    const row = b.length++;
    b.kind[row] = kind;
    b.timeNs[row] = timeNs;
    return row;
  }

  /** Appends a copy of a row of another batch. */
  copy(from: EventBatch, row: number): void {
    if (this.batch.length === this.batch.capacity) this.flush();
    copyRow(from, row, this.batch, this.batch.length++);
  }

  /** Hands the events on that the batch holds, if any. Call it once more at the end. */
  flush(): void {
    if (this.batch.length === 0) return;
    this.handedOn += this.batch.length;
    this.consume(this.batch);
    this.batch.clear();
  }
}
