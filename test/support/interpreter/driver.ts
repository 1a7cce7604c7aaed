// The driver, as one thread: it begins work, and announces each piece in the steps of its model.

import type { AnnounceStep } from '../../../src/model/driver/driver.js';
import type { Party, Word, Words } from './words.js';

/** What the thread may do next, and what comes of it. */
export interface Offer {
  readonly action: string;
  readonly value?: number;
  readonly mentions?: string;
  readonly isNewWork?: boolean;
  readonly take?: () => void;
}

/** A thread says what it may do next, and is told which of it was done. Offers are asked for anew at each step: others move meanwhile. */
export type Thread = Generator<() => readonly Offer[], void, Offer>;

/** What driver and device have done of their work, and the ring between them. */
export interface Work {
  /** SQ: commands added; CQ: completions posted. */
  begun: number;
  /** SQ: commands fetched; CQ: completions consumed. */
  done: number;
  rung: boolean;
  wasReset: boolean;
}

export interface DriverSetup {
  readonly announce: readonly AnnounceStep[];
  /** Whether it also rings at EventIdx = new value. */
  readonly inclusive: boolean;
  readonly batch: number;
  readonly depth: number;
}

/** The registers of the driver's code; `at` says where it is. */
export interface DriverState {
  at: number;
  index: number;
  old: number;
  eventIdx: number;
}

/**
 * The 16-bit counter goes from the old to the new value; it rings if it leaves EventIdx behind on the way. An index that wraps goes through
 * all values beyond the ring.
 */
export function passes(eventIdx: number, old: number, value: number, inclusive: boolean): boolean {
  for (let at = old; at !== value; at = (at + 1) & 0xffff) if (at === eventIdx) return true;
  return inclusive && eventIdx === value;
}

const one = (offer: Offer) => (): readonly Offer[] => [offer];

/** Announces the driver's index. */
function* announcement({ announce, inclusive }: DriverSetup, self: DriverState, words: Words, work: Work): Thread {
  const me: Party = 'driver';
  const loading = (action: string, word: Word, into: (value: number) => void) => (): readonly Offer[] => [
    { action, value: words.peek(me, word) & 0xffff, take: () => into(words.load(me, word) & 0xffff) },
  ];
  for (const [i, step] of announce.entries()) {
    self.at = i;
    if (step === 'load-old') yield loading(step, 'shadow', (value) => (self.old = value));
    else if (step === 'store-shadow') yield one({ action: step, value: self.index, take: () => words.store(me, 'shadow', self.index) });
    else if (step === 'load-eventidx') yield loading(step, 'EventIdx', (value) => (self.eventIdx = value));
    else if (step === 'read-barrier') yield one({ action: step, take: () => words.forgetEarly(me) });
    else if (step === 'full-barrier') {
      const take = (): void => {
        words.drain(me);
        words.forgetEarly(me);
      };
      yield one({ action: step, take });
    } else if (passes(self.eventIdx, self.old, self.index, inclusive)) {
      const take = (): void => {
        words.drain(me);
        work.rung = true;
      };
      yield one({ action: 'ring', value: self.index, take });
    } else yield one({ action: 'suppressed', value: self.index });
  }
  Object.assign(self, { at: -1, old: 0, eventIdx: 0 });
}

/** A driver that adds up to `commands` commands; `reset` offers to reset the controller once. */
export function* submitter(setup: DriverSetup, self: DriverState, words: Words, work: Work, commands: number, reset: ((take: () => void) => Offer) | undefined): Thread {
  const { batch, depth } = setup;
  for (;;) {
    const chosen = yield () => {
      const room = Math.min(batch, commands - work.begun, depth - 1 - (work.begun - work.done));
      const counts = Array.from({ length: Math.max(room, 0) }, (_, i) => i + 1);
      const adds = counts.map((count): Offer => {
        const value = (self.index + count) % depth;
        const take = (): void => {
          self.index = value;
          work.begun += count;
        };
        return { action: 'add', value, isNewWork: true, take };
      });
      const mayReset = reset !== undefined && work.begun > 0 && !work.wasReset;
      return mayReset ? [...adds, reset(() => (self.index = 0))] : adds;
    };
    if (chosen.action === 'add') yield* announcement(setup, self, words, work);
  }
}

/** A driver that consumes the completions which it sees. */
export function* consumer(setup: DriverSetup, self: DriverState, words: Words, work: Work): Thread {
  const { batch, depth } = setup;
  for (;;) {
    yield () => {
      const seen = Math.min(batch, words.visible.posted - work.done);
      return Array.from({ length: Math.max(seen, 0) }, (_, i): Offer => {
        const value = (self.index + i + 1) % depth;
        const take = (): void => {
          self.index = value;
          work.done += i + 1;
        };
        return { action: 'consume', value, take };
      });
    };
    yield* announcement(setup, self, words, work);
  }
}
