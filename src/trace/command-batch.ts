// Lives of commands as rows of numbers: what history learnt of each command, on its way to the store or an export.

/** Columns of a row, in their order; times in ns since the trace's origin. NaN where the capture doesn't say. */
export const COMMAND_COLUMNS = [
  /** Number of the submission queue's life in the trace: see the view `queues`. */
  'life',
  'cid',
  'opcode',
  /** Completion status, 15 bits without the phase. */
  'status',
  /** Position in its submission queue since the queue began, from 0. */
  'position',
  'setupNs',
  'announcedNs',
  'fetchedNs',
  'completedNs',
  'interruptNs',
  'reapedNs',
  'finishedNs',
  /** First logical block. */
  'slba',
  /** Number of logical blocks. */
  'blocks',
] as const;
export type CommandColumn = (typeof COMMAND_COLUMNS)[number];

export const COMMAND_CELLS = COMMAND_COLUMNS.length;
/** Rows in a batch: 112 KiB. */
export const COMMAND_ROWS = 1024;

/** A batch of rows, one after the other in `cells`; only rows 0 .. length - 1 are valid. */
export class CommandBatch {
  length = 0;
  readonly cells: Float64Array;

  constructor(cells: Float64Array = new Float64Array(COMMAND_ROWS * COMMAND_CELLS)) {
    this.cells = cells;
  }

  get isFull(): boolean {
    return (this.length + 1) * COMMAND_CELLS > this.cells.length;
  }
}

/** Receives full batches; the batch is valid only during the call. */
export type CommandConsumer = (batch: CommandBatch) => void;
