// Writes each command's life, when it has ended, as a row of a batch.

import { COMMAND_CELLS, CommandBatch } from '../trace/command-batch.js';
import type { CommandConsumer } from '../trace/command-batch.js';
import { ABSENT } from '../trace/batch.js';
import type { CommandLife, SqLife } from './lives.js';
import type { HistoryObserver } from './observer.js';

/** Hands on the lives of all commands, in the order of their ends. Call flush() after the history's end. */
export class CommandLog implements HistoryObserver {
  private readonly batch = new CommandBatch();
  private readonly consume: CommandConsumer;
  private readonly lifeOf: (sq: SqLife) => number;

  /** `lifeOf` numbers the lives of submission queues. */
  constructor(lifeOf: (sq: SqLife) => number, consume: CommandConsumer) {
    this.lifeOf = lifeOf;
    this.consume = consume;
  }

  commandEnded(command: CommandLife): void {
    const { batch } = this;
    if (batch.isFull) this.flush();
    const { cells } = batch;
    let at = batch.length * COMMAND_CELLS;
    cells[at++] = this.lifeOf(command.sq);
    cells[at++] = command.cid;
    cells[at++] = known(command.opcode);
    cells[at++] = known(command.status);
    cells[at++] = command.position;
    cells[at++] = command.setupNs;
    cells[at++] = command.announcedNs;
    cells[at++] = command.fetchedNs;
    cells[at++] = command.completedNs;
    cells[at++] = command.interruptNs;
    cells[at++] = command.reapedNs;
    cells[at++] = command.finishedNs;
    cells[at++] = command.slba;
    cells[at++] = command.blocks;
    batch.length += 1;
  }

  flush(): void {
    if (this.batch.length === 0) return;
    this.consume(this.batch);
    this.batch.length = 0;
  }
}

function known(value: number): number {
  return value === ABSENT ? NaN : value;
}
