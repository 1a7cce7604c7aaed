// One submission queue: a driver that announces commands, a device that runs a policy's program and sleeps.
//
//   driver: [ adds 1 .. batch commands, announcement ] up to `commands` in all; it may stop for ever between two announcements
//   device: asleep -> (ring) onStart -> fetch, onCommand, ... -> onEmpty -> asleep if still empty by what it has read
//           asleep with a command in flight -> (completion) onComplete -> asleep or onStart
//
// A device that polls or has set a timer is asleep here too, and may begin its next pass at any time. Completions are
// explored only for a policy that depends on them; they come between two passes, as one thread does both.
// A ring's value is not used, as with an ioeventfd: the device learns the tail from the shadow doorbell alone.

import type { PolicyStep, SqPolicy } from '../model/policy/policy.js';
import { advance } from '../nvme/ring.js';
import { type Announcement, type Announcer, SILENT, type Shared, announceStep, announcementKey, earlyLoads } from './announcement.js';
import type { Step, System } from './explore.js';
import { type MemoryModel, type Word, background, fullBarrier, initialMemory, isVisible, memoryKey, readBarrier } from './memory.js';
import { type Known, dueStep, knownKey, loadsEarly, runStep, stepsOf, unknowing, withoutWishes } from './policy-step.js';

type Phase = 'asleep' | 'onStart' | 'onCommand' | 'onEmpty' | 'onComplete';

export const RESETS = ['none', 'cleared', 'kept'] as const;
export type Reset = (typeof RESETS)[number];

interface State extends Shared {
  readonly announcement: Announcement;
  /** Commands that were added, counted from the start. */
  readonly sent: number;
  readonly phase: Phase;
  /** Next step of the phase's program. */
  readonly at: number;
  readonly known: Known;
  readonly fetched: number;
  /** The controller was reset. */
  readonly wasReset: boolean;
}

export interface SubmissionOptions {
  readonly policy: SqPolicy;
  readonly driver: Announcer;
  /** Whether the policy's barriers are kept. */
  readonly deviceBarrier: boolean;
  readonly memory: MemoryModel;
  /** Entries of the queue, 2 or more. */
  readonly depth: number;
  /** Commands in all, 1 or more. */
  readonly commands: number;
  /** Commands that one announcement may carry, 1 or more; 1 for a driver that announces each. */
  readonly batch: number;
  /** Shadow and EventIdx start with any values of an earlier life instead of 0. */
  readonly stale: boolean;
  /** The controller may be reset once, between two announcements: the driver clears the shared words then, or keeps them. */
  readonly reset: Reset;
  /** Explore completions, for a policy that depends on them. */
  readonly backend: boolean;
}

/** The queue as a system to explore. */
export function submissionSystem(options: SubmissionOptions): System<State> {
  const queue = new SubmissionQueue(options);
  return {
    initial: leftOver(options).map(([shadow, eventIdx]) => ({
      state: { memory: initialMemory(shadow, eventIdx), rung: false, announcement: SILENT, sent: 0, phase: 'asleep', at: 0, known: unknowing(options.backend), fetched: 0, wasReset: false },
      text: `device asleep, queue empty, shadow = ${shadow}, EventIdx = ${eventIdx}`,
    })),
    key: (s) => `${memoryKey(s.memory)};${s.rung ? 1 : 0};${announcementKey(s.announcement)};${s.sent};${s.phase}${s.at};${knownKey(s.known)};${s.fetched}${s.wasReset ? 'r' : ''}`,
    steps: (s) => [...queue.driverSteps(s), ...queue.deviceSteps(s)],
    violation: (s) => {
      if (s.fetched > s.sent) return { verdict: 'stale-shadow', text: `the device fetched ${s.fetched} entries of ${s.sent} that the driver filled` };
      const atRest = s.announcement.at < 0 && isVisible(s.memory) && s.phase === 'asleep' && !s.rung && !s.known.timed && !s.known.polls && !queue.awaitsCompletion(s);
      if (!atRest || s.fetched === s.sent) return undefined;
      const text = `the device sleeps at head ${s.known.position}, the shadow doorbell says ${s.memory.visible.shadow}, and no ring is on its way`;
      return { verdict: options.stale || s.wasReset ? 'stale-shadow' : 'lost-wakeup', text };
    },
    isDone: (s) => s.fetched === s.sent && s.announcement.at < 0,
  };
}

function leftOver({ stale, depth }: SubmissionOptions): [number, number][] {
  const values = stale ? Array.from({ length: depth }, (_, i) => i) : [0];
  return values.flatMap((shadow) => values.map((eventIdx): [number, number] => [shadow, eventIdx]));
}

class SubmissionQueue {
  private readonly options: SubmissionOptions;
  private readonly driverLoads: readonly (readonly Word[])[];
  private readonly programs: Readonly<Record<Exclude<Phase, 'asleep'>, readonly PolicyStep[]>>;

  constructor(options: SubmissionOptions) {
    this.options = options;
    this.driverLoads = earlyLoads(options.driver);
    const { onStart, onCommand, onEmpty, onComplete = [] } = options.policy.program;
    const keep = options.deviceBarrier;
    this.programs = { onStart: stepsOf(onStart, keep), onCommand: stepsOf(onCommand, keep), onEmpty: stepsOf(onEmpty, keep), onComplete: stepsOf(onComplete, keep) };
  }

  /** A completion is still to come, and the policy has something to do then. */
  awaitsCompletion({ known }: State): boolean {
    return (known.inFlight ?? 0) > 0 && this.programs.onComplete.length > 0;
  }

  driverSteps(state: State): Step<State>[] {
    const { driver, memory: model, depth, commands, batch } = this.options;
    const steps = background(model, state.memory, 'driver', this.driverLoads[state.announcement.at + 1]!).map(({ memory, ...event }) => step('driver', backgroundText(event), { ...state, memory }));
    if (state.announcement.at >= 0) {
      const { announcement, shared, action } = announceStep(driver, model, state.announcement, state);
      return [...steps, step('driver', action, { ...state, ...shared, announcement })];
    }
    if (this.options.reset !== 'none' && !state.wasReset && state.sent > 0) steps.push(this.resetStep(state, this.options.reset));
    const room = Math.min(batch, commands - state.sent, depth - 1 - (state.sent - state.fetched));
    for (let count = 1; count <= room; count++) {
      const value = advance(state.announcement.value, count, depth);
      const text = `adds ${count === 1 ? 'a command' : `${count} commands`}: tail ${value}`;
      const next = { ...state, sent: state.sent + count, announcement: { ...SILENT, at: 0, value } };
      steps.push({ thread: 'driver', action: 'add', value, text, next, isNewWork: true });
    }
    return steps;
  }

  /** What was sent and not fetched is lost; the driver submits it again as new commands. */
  private resetStep(state: State, reset: Exclude<Reset, 'none'>): Step<State> {
    const { shadow, EventIdx } = fullBarrier(fullBarrier(state.memory, 'driver'), 'device').visible;
    const memory = reset === 'cleared' ? initialMemory(0, 0) : initialMemory(shadow, EventIdx);
    const text = `resets the controller and begins anew at index 0, words ${reset}: shadow = ${memory.visible.shadow}, EventIdx = ${memory.visible.EventIdx}`;
    const known = unknowing(this.options.backend);
    const next: State = { ...state, memory, rung: false, announcement: SILENT, fetched: state.sent, phase: 'asleep', at: 0, known, wasReset: true };
    return { thread: 'driver', action: 'reset', text, next, isNewWork: true };
  }

  deviceSteps(state: State): Step<State>[] {
    const { memory: model } = this.options;
    const mayLoad = state.phase === 'asleep' ? state.known.polls && loadsEarly(this.programs.onStart, 0) : loadsEarly(this.programs[state.phase], state.at);
    const loads = mayLoad ? (['shadow'] as const) : [];
    const steps = background(model, state.memory, 'device', loads).map(({ memory, ...event }) => step('device', backgroundText(event), { ...state, memory }));
    return [...steps, ...this.workSteps(state)];
  }

  private workSteps(state: State): Step<State>[] {
    const { depth, memory: model } = this.options;
    const { phase, known } = state;
    if (phase === 'asleep') return this.stepsAsleep(state);
    const at = dueStep(this.programs[phase], state.at, known, depth);
    const policyStep = this.programs[phase][at];
    if (policyStep !== undefined) {
      return runStep(policyStep, model, depth, known, state.memory).map(({ known: after, memory, action }) => {
        const ended = after.stops ? { phase: 'asleep' as const, at: 0, known: { ...after, stops: false } } : { known: after, at: at + 1 };
        return step('device', action, { ...state, memory, ...ended });
      });
    }
    if (phase === 'onComplete') {
      const next = known.looks ? { phase: 'onStart' as const, known: withoutWishes(known) } : { phase: 'asleep' as const };
      return [step('device', { action: 'completed', text: known.looks ? 'begins a pass' : 'is done with the completion' }, { ...state, ...next, at: 0 })];
    }
    if (known.position !== known.seen) {
      const position = advance(known.position, 1, depth);
      const inFlight = known.inFlight === undefined ? undefined : known.inFlight + 1;
      const next = { ...state, phase: 'onCommand' as const, at: 0, fetched: state.fetched + 1, known: { ...known, position, inFlight } };
      return [step('device', { action: 'fetch', value: known.position, text: `fetches entry ${known.position}: head ${position}` }, next)];
    }
    if (phase !== 'onEmpty') {
      const next = { ...state, phase: 'onEmpty' as const, at: 0, known: withoutWishes(known) };
      return [step('device', { action: 'empty', value: known.position, text: `finds the queue empty: head ${known.position}, tail seen ${known.seen}` }, next)];
    }
    const action = known.polls ? { action: 'stay', text: 'stays awake' } : { action: 'sleep', value: known.position, text: `sleeps: head ${known.position}, tail seen ${known.seen}` };
    return [step('device', action, { ...state, phase: 'asleep', at: 0 })];
  }

  private stepsAsleep(state: State): Step<State>[] {
    const { known, memory } = state;
    const pass = { ...state, phase: 'onStart' as const, at: 0, known: withoutWishes(known) };
    // Waking up goes through the scheduler: no load of the pass is satisfied before it.
    const awake = { ...pass, memory: readBarrier(memory, 'device') };
    const ways: Step<State>[] = [];
    if (known.polls) ways.push(step('device', { action: 'look-again', text: 'looks again' }, pass));
    if (state.rung) ways.push(step('device', { action: 'wake', text: 'wakes: it was rung' }, { ...awake, rung: false }));
    if (known.timed) ways.push(step('device', { action: 'wake', text: 'wakes: its timer fired' }, awake));
    if (known.inFlight !== undefined && known.inFlight > 0) {
      const next = { ...state, phase: 'onComplete' as const, at: 0, known: { ...known, looks: false, inFlight: known.inFlight - 1 } };
      ways.push(step('device', { action: 'complete', text: 'completes a command' }, next));
    }
    return ways;
  }
}

/** A step that isn't new work. */
export function step<S>(thread: Step<S>['thread'], action: Omit<Step<S>, 'thread' | 'next' | 'isNewWork'>, next: S): Step<S> {
  return { thread, ...action, next, isNewWork: false };
}

/** A store that became visible or an early load, in words. */
export function backgroundText({ action, word, value }: Pick<ReturnType<typeof background>[number], 'action' | 'word' | 'value'>): { action: string; value: number; text: string } {
  return { action, value, text: action === 'visible' ? `its store ${word} = ${value} becomes visible` : `a later load of ${word} is satisfied early: ${value}` };
}
