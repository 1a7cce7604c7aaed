// One completion queue: a device that posts completions while there is room, a driver that consumes them and announces its head.
//
//   device: [ onPost, onFull if full, post ] `completions` times; blocked while the queue is full by what it has read
//   driver: [ consumes 1 .. batch of the posted entries that it sees, announcement ]
//
// More completions than the queue has room for wait in the device: several submission queues share it, or it is the smaller one.
// With several posters each stands for a submission queue with a thread of its own. They take the completion queue in turns, under
// a lock, and know together what the policy knows; each waits on its own when the queue is full, and a ring wakes all that wait.
// The driver looks whenever there is something to see: interrupts that are lost are not part of this. A ring's value is not used.

import type { DriverModel } from '../model/driver/driver.js';
import type { CqPolicy, PolicyStep } from '../model/policy/policy.js';
import { advance, freeEntries } from '../nvme/ring.js';
import { type Announcement, SILENT, type Shared, announceStep, announcementKey, earlyLoads } from './announcement.js';
import type { Step, System } from './explore.js';
import { type MemoryModel, type Word, background, initialMemory, isVisible, memoryKey, readBarrier, store } from './memory.js';
import { type Known, dueStep, knownKey, loadsEarly, runStep, stepsOf, unknowing, withoutWishes } from './policy-step.js';
import { backgroundText, step } from './submission.js';

type Phase = 'onConfig' | 'onPost' | 'onFull' | 'free';

/** A thread of the device that posts. */
interface Poster {
  /** Completions that it has still to post. */
  readonly left: number;
  /** It waits for room. */
  readonly waits: boolean;
}

interface State extends Shared {
  readonly announcement: Announcement;
  /** Completions that the driver consumed, counted from the start. */
  readonly reaped: number;
  readonly posters: readonly Poster[];
  /** Which of them has the queue. */
  readonly active: number;
  /** What the active one does; `free`: none is. */
  readonly phase: Phase;
  /** Next step of the phase's program. */
  readonly at: number;
  readonly known: Known;
  readonly posted: number;
}

export interface CompletionOptions {
  readonly policy: CqPolicy;
  readonly driver: DriverModel;
  /** Whether the policy's barriers are kept. */
  readonly deviceBarrier: boolean;
  readonly memory: MemoryModel;
  /** Entries of the queue, 2 or more. */
  readonly depth: number;
  /** Completions in all, 1 or more. */
  readonly completions: number;
  /** Threads that post them, 1 or more. */
  readonly posters: number;
  /** Entries that one pass of the driver may consume at most, 1 or more. */
  readonly batch: number;
}

/** The queue as a system to explore. */
export function completionSystem(options: CompletionOptions): System<State> {
  const queue = new CompletionQueue(options);
  const initial: State = { memory: initialMemory(0, 0), rung: false, announcement: SILENT, reaped: 0, posters: shares(options), active: 0, phase: 'onConfig', at: 0, known: unknowing(true), posted: 0 };
  return {
    initial: [{ state: initial, text: 'queue empty, shadow = 0, EventIdx = 0' }],
    key: (s) => `${memoryKey(s.memory)};${s.rung ? 1 : 0};${announcementKey(s.announcement)};${s.reaped};${s.posters.map(({ left, waits }) => `${left}${waits ? 'w' : ''}`).join(',')};${s.active}${s.phase}${s.at};${knownKey(s.known)};${s.posted}`,
    steps: (s) => [...queue.driverSteps(s), ...queue.deviceSteps(s)],
    violation: (s) => {
      if (!allWait(s) || s.rung || s.known.polls || s.known.timed || s.announcement.at >= 0 || !isVisible(s.memory) || s.reaped !== s.posted) return undefined;
      const waiting = options.completions - s.posted;
      const text = `the driver has consumed all ${s.posted} posted entries, the device waits for a ring with ${waiting} more to post, and none is on its way`;
      return { verdict: 'lost-completion', text };
    },
    isDone: (s) => s.reaped === options.completions && s.announcement.at < 0,
  };
}

/** The completions, dealt out. */
function shares({ completions, posters }: CompletionOptions): readonly Poster[] {
  return Array.from({ length: posters }, (_, i) => ({ left: Math.floor((completions + i) / posters), waits: false }));
}

/** Nobody has the queue, and whoever has something to post waits for room. */
function allWait({ phase, posters }: State): boolean {
  return phase === 'free' && posters.some(({ waits }) => waits) && posters.every(({ left, waits }) => waits || left === 0);
}

class CompletionQueue {
  private readonly options: CompletionOptions;
  private readonly driverLoads: readonly (readonly Word[])[];
  private readonly programs: Readonly<Record<'onConfig' | 'onPost' | 'onFull', readonly PolicyStep[]>>;

  constructor(options: CompletionOptions) {
    this.options = options;
    this.driverLoads = earlyLoads(options.driver);
    const { onConfig, onPost, onFull } = options.policy.program;
    const keep = options.deviceBarrier;
    this.programs = { onConfig: stepsOf(onConfig, keep), onPost: stepsOf(onPost, keep), onFull: stepsOf(onFull, keep) };
  }

  driverSteps(state: State): Step<State>[] {
    const { driver, memory: model, depth, batch } = this.options;
    const steps = background(model, state.memory, 'driver', this.driverLoads[state.announcement.at + 1]!).map(({ memory, ...event }) => step('driver', backgroundText(event), { ...state, memory }));
    if (state.announcement.at >= 0) {
      const { announcement, shared, action } = announceStep(driver, model, state.announcement, state);
      return [...steps, step('driver', action, { ...state, ...shared, announcement })];
    }
    // It sees the visible entries when it consumes. Looking earlier, or loading an entry early, would only show it fewer of them,
    // and it is free to consume fewer anyway.
    const { posted } = state.memory.visible;
    for (let count = 1; count <= Math.min(batch, posted - state.reaped); count++) {
      const value = advance(state.announcement.value, count, depth);
      const text = `sees ${posted} posted in all, consumes ${count}: head ${value}`;
      steps.push(step('driver', { action: 'consume', value, text }, { ...state, reaped: state.reaped + count, announcement: { ...SILENT, at: 0, value } }));
    }
    return steps;
  }

  deviceSteps(state: State): Step<State>[] {
    const { memory: model } = this.options;
    const { phase, at } = state;
    const running = phase === 'free' ? 'onPost' : phase;
    const mayLoad = (phase !== 'free' || state.known.polls || this.anyReady(state)) && loadsEarly(this.programs[running], at);
    const loads = mayLoad ? (['shadow'] as const) : [];
    const steps = background(model, state.memory, 'device', loads).map(({ memory, ...event }) => step('device', backgroundText(event), { ...state, memory }));
    return [...steps, ...this.workSteps(state)];
  }

  private workSteps(state: State): Step<State>[] {
    const { depth, completions, memory: model } = this.options;
    const { phase, known } = state;
    if (phase === 'free') return this.stepsFree(state);
    const at = dueStep(this.programs[phase], state.at, known, depth);
    const policyStep = this.programs[phase][at];
    if (policyStep !== undefined) {
      return runStep(policyStep, model, depth, known, state.memory).map(({ known: after, memory, action }) => step('device', action, { ...state, memory, known: after, at: at + 1 }));
    }
    if (phase === 'onConfig') return [step('device', { action: 'begin', text: `has ${completions} completions to post` }, this.turn({ ...state, phase: 'free', at: 0 }))];
    const { active, posters } = state;
    const poster = posters[active]!;
    const who = posters.length === 1 ? '' : `, for queue ${active + 1}`;
    if (freeEntries(known.seen, known.position, depth) > 0) {
      const posted = state.posted + 1;
      const position = advance(known.position, 1, depth);
      const memory = store(model, state.memory, 'device', 'posted', posted);
      const left = posters.with(active, { left: poster.left - 1, waits: false });
      // What those that wait have asked for still holds.
      const wishes = posters.some(({ waits }) => waits) ? known : withoutWishes(known);
      const next = this.turn({ ...state, memory, posted, posters: left, known: { ...wishes, position }, phase: 'free', at: 0 });
      return [step('device', { action: 'post', value: known.position, text: `posts entry ${known.position}: tail ${position}${who}` }, next)];
    }
    const why = `tail ${known.position}, head seen ${known.seen}`;
    if (phase === 'onPost') return [step('device', { action: 'full', value: known.position, text: `finds the queue full: ${why}` }, { ...state, phase: 'onFull', at: 0 })];
    const next: State = { ...state, posters: posters.with(active, { ...poster, waits: true }), phase: 'free', at: 0 };
    return [step('device', { action: 'block', value: known.position, text: `waits for a ring: ${why}${who}` }, next)];
  }

  private anyReady({ posters }: State): boolean {
    return posters.some(({ left, waits }) => left > 0 && !waits);
  }

  /** A poster that is alone keeps the queue while it has something to post. */
  private turn(state: State): State {
    return state.posters.length === 1 && this.anyReady(state) ? { ...state, phase: 'onPost' } : state;
  }

  /** Nobody has the queue: one that is ready takes it, or those that wait are woken. */
  private stepsFree(state: State): Step<State>[] {
    const { known, posters } = state;
    const ways = posters.flatMap(({ left, waits }, i): Step<State>[] =>
      left > 0 && !waits && posters.length > 1 ? [step('device', { action: 'take', text: `takes the queue for submission queue ${i + 1}` }, { ...state, active: i, phase: 'onPost', at: 0 })] : [],
    );
    if (!posters.some(({ waits }) => waits)) return ways;
    const woken = this.turn({ ...state, posters: posters.map(({ left }) => ({ left, waits: false })), known: withoutWishes(known), at: 0 });
    // Waking up goes through the scheduler: no load of the pass is satisfied before it.
    const awake = { ...woken, memory: readBarrier(state.memory, 'device') };
    if (known.polls) ways.push(step('device', { action: 'look-again', text: 'looks again' }, woken));
    if (state.rung) ways.push(step('device', { action: 'wake', text: 'wakes: it was rung' }, { ...awake, rung: false }));
    if (known.timed) ways.push(step('device', { action: 'wake', text: 'wakes: its timer fired' }, awake));
    return ways;
  }
}
