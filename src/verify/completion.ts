// One completion queue: a device that posts completions while there is room, a driver that consumes them and announces its head.
//
//   device: [ onPost, onFull if full, post ] `completions` times; blocked while the queue is full by what it has read
//   driver: [ consumes 1 .. batch of the posted entries that it sees, announcement ]
//
// More completions than the queue has room for wait in the device: several submission queues share it, or it is the smaller one.
// The driver looks whenever there is something to see: interrupts that are lost are not part of this. A ring's value is not used.

import type { DriverModel } from '../model/driver/driver.js';
import type { CqPolicy, PolicyStep } from '../model/policy/policy.js';
import { advance, freeEntries } from '../nvme/ring.js';
import { type Announcement, SILENT, type Shared, announceStep, announcementKey, earlyLoads } from './announcement.js';
import type { Step, System } from './explore.js';
import { type MemoryModel, type Word, background, initialMemory, isVisible, memoryKey, readBarrier, store } from './memory.js';
import { type Known, dueStep, knownKey, loadsEarly, runStep, stepsOf, unknowing, withoutWishes } from './policy-step.js';
import { backgroundText, step } from './submission.js';

type Phase = 'onConfig' | 'onPost' | 'onFull' | 'blocked' | 'finished';

interface State extends Shared {
  readonly announcement: Announcement;
  /** Completions that the driver consumed, counted from the start. */
  readonly reaped: number;
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
  /** Entries that one pass of the driver may consume at most, 1 or more. */
  readonly batch: number;
}

/** The queue as a system to explore. */
export function completionSystem(options: CompletionOptions): System<State> {
  const queue = new CompletionQueue(options);
  const initial: State = { memory: initialMemory(0, 0), rung: false, announcement: SILENT, reaped: 0, phase: 'onConfig', at: 0, known: unknowing(true), posted: 0 };
  return {
    initial: [{ state: initial, text: 'queue empty, shadow = 0, EventIdx = 0' }],
    key: (s) => `${memoryKey(s.memory)};${s.rung ? 1 : 0};${announcementKey(s.announcement)};${s.reaped};${s.phase}${s.at};${knownKey(s.known)};${s.posted}`,
    steps: (s) => [...queue.driverSteps(s), ...queue.deviceSteps(s)],
    violation: (s) => {
      if (s.phase !== 'blocked' || s.rung || s.known.polls || s.known.timed || s.announcement.at >= 0 || !isVisible(s.memory) || s.reaped !== s.posted) return undefined;
      const waiting = options.completions - s.posted;
      const text = `the driver has consumed all ${s.posted} posted entries, the device waits for a ring with ${waiting} more to post, and none is on its way`;
      return { verdict: 'lost-completion', text };
    },
    isDone: (s) => s.reaped === options.completions && s.announcement.at < 0,
  };
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
    const running = phase === 'blocked' ? 'onPost' : phase;
    const mayLoad = running !== 'finished' && (phase !== 'blocked' || state.known.polls) && loadsEarly(this.programs[running], at);
    const loads = mayLoad ? (['shadow'] as const) : [];
    const steps = background(model, state.memory, 'device', loads).map(({ memory, ...event }) => step('device', backgroundText(event), { ...state, memory }));
    return [...steps, ...this.workSteps(state)];
  }

  private workSteps(state: State): Step<State>[] {
    const { depth, completions, memory: model } = this.options;
    const { phase, known } = state;
    if (phase === 'finished') return [];
    if (phase === 'blocked') {
      const pass = { ...state, phase: 'onPost' as const, at: 0, known: withoutWishes(known) };
      // Waking up goes through the scheduler: no load of the pass is satisfied before it.
      const awake = { ...pass, memory: readBarrier(state.memory, 'device') };
      const ways: Step<State>[] = [];
      if (known.polls) ways.push(step('device', { action: 'look-again', text: 'looks again' }, pass));
      if (state.rung) ways.push(step('device', { action: 'wake', text: 'wakes: it was rung' }, { ...awake, rung: false }));
      if (known.timed) ways.push(step('device', { action: 'wake', text: 'wakes: its timer fired' }, awake));
      return ways;
    }
    const at = dueStep(this.programs[phase], state.at, known, depth);
    const policyStep = this.programs[phase][at];
    if (policyStep !== undefined) {
      return runStep(policyStep, model, depth, known, state.memory).map(({ known: after, memory, action }) => step('device', action, { ...state, memory, known: after, at: at + 1 }));
    }
    if (phase === 'onConfig') return [step('device', { action: 'begin', text: `has ${completions} completions to post` }, { ...state, phase: 'onPost', at: 0 })];
    if (freeEntries(known.seen, known.position, depth) > 0) {
      const posted = state.posted + 1;
      const position = advance(known.position, 1, depth);
      const memory = store(model, state.memory, 'device', 'posted', posted);
      const next = { ...state, memory, posted, known: { ...withoutWishes(known), position }, phase: posted === completions ? ('finished' as const) : ('onPost' as const), at: 0 };
      return [step('device', { action: 'post', value: known.position, text: `posts entry ${known.position}: tail ${position}` }, next)];
    }
    const why = `tail ${known.position}, head seen ${known.seen}`;
    if (phase === 'onPost') return [step('device', { action: 'full', value: known.position, text: `finds the queue full: ${why}` }, { ...state, phase: 'onFull', at: 0 })];
    return [step('device', { action: 'block', value: known.position, text: `waits for a ring: ${why}` }, { ...state, phase: 'blocked', at: 0 })];
  }
}
