// Takes a counterexample step by step: throws at the first one that can't happen, and when the end isn't what the verdict says.

import type { DriverModel } from '../../../src/model/driver/driver.js';
import { withBarrierStep } from '../../../src/model/driver/knobs.js';
import type { Policy } from '../../../src/model/policy/policy.js';
import type { Action } from '../../../src/verify/explore.js';
import type { Question } from '../../../src/verify/verify.js';
import { type Progress, type Thread, type Way, cqDevice, driverThread, sqDevice } from './threads.js';
import { type Who, type Word, Words } from './words.js';

/** What of an exploration is confirmed. */
export interface Claim {
  readonly verdict: string;
  readonly start: string;
  readonly path: readonly Action[];
}

class Machine {
  private words: Words;
  private rung = false;
  private wasReset = false;
  private readonly threads: Record<Who, Thread>;
  private readonly ways: Record<Who, readonly Way[]>;
  private progress: Progress;
  private readonly question: Question;
  private readonly driver: DriverModel;

  constructor(question: Question, start: string) {
    this.question = question;
    const { driver, driverBarrier, memory, bounds, policy } = question;
    this.driver = driverBarrier === undefined ? driver : withBarrierStep(driver, driverBarrier === 'none' ? undefined : `${driverBarrier}-barrier`);
    const [shadow, eventIdx] = ['shadow', 'EventIdx'].map((word) => Number(new RegExp(`${word} = (\\d+)`).exec(start)![1]));
    this.words = new Words(memory, shadow, eventIdx);
    const own = policy.side === 'cq' ? (driver.cqBatch ?? bounds.batch) : driver.batched ? (driver.batchLimit ?? bounds.batch) : 1;
    this.progress = { depth: bounds.depth, batch: Math.min(bounds.batch, own), driver: 0, device: 0, all: bounds.commands, atRest: false };
    this.threads = { driver: this.driverOf(policy), device: this.deviceOf(policy) };
    this.ways = { driver: this.threads.driver.next().value, device: this.threads.device.next().value };
  }

  private driverOf({ side }: Policy): Thread {
    const { progress, driver } = this;
    const room = side === 'sq' ? () => Math.min(progress.all - progress.driver, progress.depth - 1 - (progress.driver - progress.device)) : () => this.words.visible.posted - progress.driver;
    return driverThread(driver, side === 'sq' ? 'add' : 'consume', room, progress);
  }

  private deviceOf(policy: Policy): Thread {
    const barriers = this.question.deviceBarrier === 'full';
    return policy.side === 'sq' ? sqDevice(policy, barriers, true, this.progress) : cqDevice(policy, barriers, this.question.queues ?? 1, this.progress);
  }

  take(action: Action): void {
    const { thread: who, value, text } = action;
    if (action.action === 'visible' || action.action === 'early-load') {
      const word = /shadow|EventIdx|posted/.exec(text)![0] as Word;
      if (action.action === 'visible') this.words.show(who, word, value!);
      else this.words.loadEarly(who, word, value!);
      return;
    }
    // What a thread sees at once of the other may have changed since it was asked.
    if (who === 'driver' && (action.action === 'add' || action.action === 'consume')) this.checkRoom(action);
    else this.checkWay(action);
    if (action.action === 'reset') this.reset();
    else this.effect(action, this.wayOf(action));
  }

  /** The driver may add as many as there is room for now. */
  private checkRoom({ value }: Action): void {
    const { progress } = this;
    if (!this.ways.driver.some(({ action }) => action === 'reset')) throw new Error('the driver is in an announcement');
    const from = progress.driver;
    const tail = ((this.wasReset ? from - this.sentBefore : from) % progress.depth + progress.depth) % progress.depth;
    const count = (value! - tail + progress.depth) % progress.depth;
    const room = this.question.policy.side === 'sq' ? Math.min(progress.all - from, progress.depth - 1 - (from - progress.device)) : this.words.visible.posted - from;
    if (count < 1 || count > Math.min(room, progress.batch)) throw new Error(`the driver can't go on to ${value}`);
  }

  /** Commands of the life before the reset. */
  private sentBefore = 0;

  private checkWay(action: Action): void {
    if (this.wayOf(action) === undefined) throw new Error(`the ${action.thread} can't ${action.action} ${action.value ?? ''}: it can ${this.ways[action.thread].map((way) => `${way.action} ${way.value ?? ''}`).join(', ')}`);
  }

  private wayOf({ thread, action, value, text }: Action): Way | undefined {
    return this.ways[thread].find((way) => way.action === action && (way.value === undefined || way.value === value) && (way.text === undefined || text.includes(way.text)));
  }

  private effect(action: Action, way: Way = { action: action.action }): void {
    const { thread: who } = action;
    const { words } = this;
    let { value } = action;
    if (way.load !== undefined) {
      const loaded = words.load(who, way.load);
      if ((loaded & 0xffff) !== (value! & 0xffff)) throw new Error(`the ${who} loads ${loaded} from ${way.load}, not ${value}`);
    }
    if (way.store !== undefined) words.store(who, way.store, way.store === 'posted' ? this.progress.device : value!);
    if (way.barrier === 'full') words.orderStores(who);
    if (way.barrier !== undefined) words.orderLoads(who);
    if (action.action === 'ring') {
      words.orderStores(who);
      this.rung = true;
    }
    if (way.needs === 'ring') {
      if (!this.rung) throw new Error('the device wakes without a ring');
      this.rung = false;
    }
    if (way.needs !== undefined) words.orderLoads(who);
    value ??= way.value;
    this.ways[who] = this.threads[who].next({ ...way, ...(value === undefined ? {} : { value }) }).value;
  }

  /** Both sides begin anew; what wasn't fetched is lost. */
  private reset(): void {
    const { reset = 'none', policy, memory } = this.question;
    if (reset === 'none' || this.wasReset || this.progress.driver === 0) throw new Error('no reset can happen here');
    this.words.orderStores('driver');
    this.words.orderStores('device');
    const { shadow, EventIdx } = this.words.visible;
    this.words = reset === 'cleared' ? new Words(memory) : new Words(memory, shadow, EventIdx);
    this.wasReset = true;
    this.rung = false;
    this.progress.device = this.progress.driver;
    this.sentBefore = this.progress.driver;
    this.threads.driver = this.driverOf(policy);
    this.threads.device = this.deviceOf(policy);
    this.ways.driver = this.threads.driver.next().value;
    this.ways.device = this.threads.device.next().value;
  }

  /** Work is left, and nobody will do it. */
  checkEnd(verdict: string): void {
    const { progress, words, question } = this;
    if (verdict === 'stale-shadow' && progress.device > progress.driver) return;
    if (verdict === 'stale-shadow' && !question.stale && !this.wasReset) throw new Error('the words are those of this life');
    const betweenAnnouncements = this.ways.driver.some(({ action }) => action === 'reset');
    const left = question.policy.side === 'sq' ? progress.driver - progress.device : progress.all - progress.device;
    const seenByDriver = question.policy.side === 'sq' || progress.driver === progress.device;
    const state = { betweenAnnouncements, rung: this.rung, settled: words.settled, atRest: progress.atRest, left: left > 0, seenByDriver };
    if (!(betweenAnnouncements && !this.rung && words.settled && progress.atRest && left > 0 && seenByDriver)) throw new Error(`no end with work left: ${JSON.stringify(state)}`);
  }
}

/** Confirms that the path can happen and ends as claimed. */
export function confirm(question: Question, { verdict, start, path }: Claim): void {
  const machine = new Machine(question, start);
  for (const [i, action] of path.entries()) {
    try {
      machine.take(action);
    } catch (error) {
      throw new Error(`step ${i + 1}, ${action.thread} ${action.text}: ${(error as Error).message}`, { cause: error });
    }
  }
  machine.checkEnd(verdict);
}
