// The device, as one thread that runs a policy's steps: over a submission queue, and over a completion queue for one poster or two.

import { unreachable } from '../../../src/base/assert.js';
import { type CqProgram, type PolicyStep, type PolicyView, type SqProgram, newView } from '../../../src/model/policy/policy.js';
import type { Offer, Thread, Work } from './driver.js';
import type { Words } from './words.js';

/** What the device knows; `at` says where in its code it is. */
export interface DeviceState {
  at: string;
  readonly view: PolicyView;
  /** Asked for by steps: to stay awake, to be woken later, to end the pass, to begin one. */
  polls: boolean;
  timed: boolean;
  stops: boolean;
  looks: boolean;
}

export function newDevice(depth: number): DeviceState {
  return { at: '', view: newView(depth), polls: false, timed: false, stops: false, looks: false };
}

export interface DeviceSetup {
  readonly depth: number;
  /** Whether barriers of the policy's program are there. */
  readonly barriers: boolean;
}

const one = (offer: Offer) => (): readonly Offer[] => [offer];
const WISHES = { poll: 'polls', timer: 'timed', stop: 'stops', look: 'looks' } as const;
const NO_WISHES = { polls: false, timed: false, stops: false, looks: false };

function* steps(list: string, program: readonly PolicyStep[], { barriers }: DeviceSetup, self: DeviceState, words: Words): Thread {
  const { view } = self;
  for (const [i, step] of program.entries()) {
    if (self.stops) return;
    if (step.step === 'barrier' && !barriers) continue;
    if (step.when !== undefined && !step.when(view)) continue;
    self.at = `${list} ${i}`;
    yield offersOf(step, self, words);
  }
}

function offersOf(step: PolicyStep, self: DeviceState, words: Words): () => readonly Offer[] {
  const { view } = self;
  switch (step.step) {
    case 'publish': {
      const value = step.index(view);
      if (value === undefined) return one({ action: 'keep-eventidx' });
      const take = (): void => {
        view.published = value;
        words.store('device', 'EventIdx', value);
      };
      return one({ action: 'publish', value, take });
    }
    case 'barrier': {
      const take = (): void => {
        words.drain('device');
        words.forgetEarly('device');
      };
      return one({ action: 'full-barrier', take });
    }
    case 'reread':
      return () => [{ action: 'reread', value: words.peek('device', 'shadow'), take: () => void (view.seen = words.load('device', 'shadow')) }];
    case 'set': {
      const value = step.value(view);
      return one({ action: 'set', value, take: () => void (view.state[step.register] = value) });
    }
    case 'measure':
      return () => [0, 1].map((value) => ({ action: 'measure', value, take: () => void (view.state[step.register] = value) }));
    case 'time':
      return one({ action: 'time' });
    case 'poll':
    case 'timer':
    case 'stop':
    case 'look': {
      const take = (): void => void (self[WISHES[step.step]] = true);
      return one({ action: step.step, take });
    }
    default:
      return unreachable(step);
  }
}

/** What can wake it, or make it look. Waking up goes through the scheduler: nothing was loaded before. */
function wakes(self: DeviceState, words: Words, work: Work): readonly Offer[] {
  const wake = (mentions: string): Offer => ({ action: 'wake', mentions, take: () => words.forgetEarly('device') });
  const rung: Offer = { ...wake('rung'), take: () => ((work.rung = false), words.forgetEarly('device')) };
  return [...(work.rung ? [rung] : []), ...(self.timed ? [wake('timer')] : []), ...(self.polls ? [{ action: 'look-again' }] : [])];
}

/** A device that fetches from a submission queue. */
export function* fetcher(program: SqProgram, setup: DeviceSetup, self: DeviceState, words: Words, work: Work): Thread {
  const { view } = self;
  const run = (list: 'onStart' | 'onCommand' | 'onEmpty' | 'onComplete'): Thread => steps(list, program[list] ?? [], setup, self, words);
  for (;;) {
    self.at = 'asleep';
    self.stops = false;
    const completes: Offer = { action: 'complete', take: () => void (view.inFlight -= 1) };
    const chosen = yield () => [...wakes(self, words, work), ...(view.inFlight > 0 ? [completes] : [])];
    if (chosen.action === 'complete') {
      self.looks = false;
      yield* run('onComplete');
      self.at = 'completed';
      yield one({ action: 'completed', mentions: self.looks ? 'begins a pass' : 'is done' });
      if (!self.looks) continue;
    }
    Object.assign(self, NO_WISHES);
    yield* pass(run, setup, self, work);
  }
}

function* pass(run: (list: 'onStart' | 'onCommand' | 'onEmpty') => Thread, { depth }: DeviceSetup, self: DeviceState, work: Work): Thread {
  const { view } = self;
  const fetch = (): void => {
    view.position = (view.position + 1) % depth;
    view.inFlight += 1;
    work.done += 1;
  };
  yield* run('onStart');
  do {
    while (view.position !== view.seen && !self.stops) {
      self.at = 'fetch';
      yield one({ action: 'fetch', value: view.position, take: fetch });
      yield* run('onCommand');
    }
    if (self.stops) return;
    self.at = 'empty';
    yield one({ action: 'empty', value: view.position, take: () => Object.assign(self, NO_WISHES) });
    yield* run('onEmpty');
  } while (view.position !== view.seen && !self.stops);
  if (self.stops) return;
  self.at = 'ends';
  yield one(self.polls ? { action: 'stay' } : { action: 'sleep', value: view.position });
}

/** Completions that each poster has left, and whether it waits for room. */
export type Posters = { left: number; waits: boolean }[];

/** A device that posts to a completion queue: its posters take it in turns. */
export function* poster(program: CqProgram, setup: DeviceSetup, self: DeviceState, words: Words, work: Work, posters: Posters): Thread {
  const run = (list: keyof CqProgram): Thread => steps(list, program[list], setup, self, words);
  yield* run('onConfig');
  self.at = 'begin';
  yield one({ action: 'begin' });
  for (;;) {
    self.at = 'free';
    let active = 0;
    const ready = posters.map(({ left, waits }) => left > 0 && !waits);
    if (posters.length > 1 || !ready[0]!) {
      const waiting = posters.some(({ waits }) => waits);
      const takes = ready.flatMap((is, i): Offer[] => (is ? [{ action: 'take', mentions: `submission queue ${i + 1}`, take: () => void (active = i) }] : []));
      const chosen = yield () => [...takes, ...(waiting ? wakes(self, words, work) : [])];
      if (chosen.action !== 'take') {
        Object.assign(self, NO_WISHES);
        for (const each of posters) each.waits = false;
        continue;
      }
    }
    yield* post(run, setup, self, words, work, posters, active);
  }
}

function* post(run: (list: 'onPost' | 'onFull') => Thread, { depth }: DeviceSetup, self: DeviceState, words: Words, work: Work, posters: Posters, active: number): Thread {
  const { view } = self;
  const isFull = (): boolean => (view.position + 1) % depth === view.seen;
  const mine = posters[active]!;
  const where = posters.length === 1 ? {} : { mentions: `queue ${active + 1}` };
  self.at = `${active}`;
  yield* run('onPost');
  if (isFull()) {
    self.at = `full ${active}`;
    yield one({ action: 'full', value: view.position });
    yield* run('onFull');
  }
  self.at = `ends ${active}`;
  if (isFull()) {
    yield one({ action: 'block', value: view.position, ...where, take: () => void (mine.waits = true) });
    return;
  }
  const take = (): void => {
    words.store('device', 'posted', (work.begun += 1));
    view.position = (view.position + 1) % depth;
    mine.left -= 1;
    // What those who wait have asked for still holds.
    if (!posters.some(({ waits }) => waits)) Object.assign(self, NO_WISHES);
  };
  yield one({ action: 'post', value: view.position, ...where, take });
}
