// Driver, device and memory put together for one question: what can happen next, and what has happened.

import type { Question } from '../../../src/verify/verify.js';
import { type Posters, fetcher, newDevice, poster } from './device.js';
import { type DriverState, type Offer, type Thread, type Work, consumer, submitter } from './driver.js';
import { type Move, type Party, Words } from './words.js';

/** Where a thread stands: what it would be asked with next. */
interface Running {
  thread: Thread;
  offers: () => readonly Offer[];
}

export class Machine {
  readonly work: Work = { begun: 0, done: 0, rung: false, wasReset: false };
  private readonly driver: DriverState = { at: -1, index: 0, old: 0, eventIdx: 0 };
  private readonly question: Question;
  private readonly total: number;
  private readonly words: Words;
  private device: ReturnType<typeof newDevice>;
  private posters: Posters = [];
  private readonly running: Record<Party, Running>;

  /** Shared words start with these values. */
  constructor(question: Question, shadow: number, eventIdx: number) {
    const { policy, driver, driverBarrier, bounds, memory, queues = 1, reset = 'none' } = question;
    const { depth, commands } = bounds;
    this.question = question;
    this.total = commands;
    this.words = new Words(memory, shadow, eventIdx);
    this.device = newDevice(depth);
    const most = policy.side === 'cq' ? (driver.cqBatch ?? Infinity) : driver.batched ? (driver.batchLimit ?? Infinity) : 1;
    const setup = { announce: announceWith(driver, driverBarrier), inclusive: driver.ringNeeded(1, 1, 0), batch: Math.min(bounds.batch, most), depth };
    if (policy.side === 'cq') {
      this.posters = Array.from({ length: queues }, (_, i) => ({ left: Math.floor((commands + i) / queues), waits: false }));
      this.running = { driver: begun(consumer(setup, this.driver, this.words, this.work)), device: begun(this.deviceThread()) };
      return;
    }
    const offer = (take: () => void): Offer => ({ action: 'reset', mentions: `words ${reset}`, isNewWork: true, take: () => (take(), this.reset(reset === 'cleared')) });
    this.running = {
      driver: begun(submitter(setup, this.driver, this.words, this.work, commands, reset === 'none' ? undefined : offer)),
      device: begun(this.deviceThread()),
    };
  }

  /** Everything that can happen next. */
  moves(): Move[] {
    return [...this.movesOf('driver'), ...this.movesOf('device'), ...this.words.moves()];
  }

  private movesOf(party: Party): Move[] {
    const running = this.running[party];
    return running.offers().map((offer): Move => {
      const take = (): void => {
        offer.take?.();
        running.offers = next(running.thread, offer);
      };
      return { ...offer, party, take };
    });
  }

  /** What the driver has announced is done, and nobody is in the middle of something. */
  get isDone(): boolean {
    const { begun: some, done } = this.work;
    return this.driver.at < 0 && (this.question.policy.side === 'cq' ? done === this.total : done === some);
  }

  /** Nothing is under way: no store, no announcement, no ring, no pass, no completion that the policy waits for, and nobody who would look by himself. */
  get isAtRest(): boolean {
    const { at, polls, timed, view } = this.device;
    const { policy } = this.question;
    if (policy.side === 'sq' && view.inFlight > 0 && policy.program.onComplete !== undefined) return false;
    return this.words.allVisible && this.driver.at < 0 && !this.work.rung && (at === 'asleep' || at === 'free') && !polls && !timed;
  }

  /** Two machines with the same key behave alike. */
  key(): string {
    return JSON.stringify([this.work, this.driver, this.device, this.posters, this.words.key()]);
  }

  private deviceThread(): Thread {
    const { policy, deviceBarrier, bounds } = this.question;
    const setup = { depth: bounds.depth, barriers: deviceBarrier === 'full' };
    return policy.side === 'cq' ? poster(policy.program, setup, this.device, this.words, this.work, this.posters) : fetcher(policy.program, setup, this.device, this.words, this.work);
  }

  /** Both begin anew, at index 0; what wasn't fetched is lost. */
  private reset(clears: boolean): void {
    const { words, work } = this;
    for (const party of ['driver', 'device'] as const) {
      words.drain(party);
      words.forgetEarly(party);
    }
    if (clears) Object.assign(words.visible, { shadow: 0, EventIdx: 0 });
    Object.assign(work, { done: work.begun, rung: false, wasReset: true });
    this.device = newDevice(this.question.bounds.depth);
    Object.assign(this.running.device, begun(this.deviceThread()));
  }
}

/** The announcement with another barrier before the load of EventIdx. */
function announceWith({ announce }: Question['driver'], barrier: Question['driverBarrier']): Question['driver']['announce'] {
  if (barrier === undefined) return announce;
  const bare = announce.filter((step) => !step.endsWith('barrier'));
  return bare.flatMap((step) => (step === 'load-eventidx' && barrier !== 'none' ? ([`${barrier}-barrier`, step] as const) : [step]));
}

function begun(thread: Thread): Running {
  const { value } = thread.next(undefined as never);
  return { thread, offers: value ?? ((): readonly Offer[] => []) };
}

function next(thread: Thread, taken: Offer): () => readonly Offer[] {
  const { value } = thread.next(taken);
  return value ?? ((): readonly Offer[] => []);
}

