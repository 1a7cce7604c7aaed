// One step of a policy's program, under a memory model; the same objects that the replay runs.

import { unreachable } from '../base/assert.js';
import { type Duration, type PolicyStep, type PolicyView, REGISTERS, durationNs, newView } from '../model/policy/policy.js';
import type { Action } from './explore.js';
import { type Memory, type MemoryModel, fullBarrier, load, store } from './memory.js';

/** A policy asks for what the exploration has no notion of. */
export class UnverifiableError extends Error {
  override readonly name = 'UnverifiableError';
}

/** It reads how many commands are in flight, so that completions have to be explored too. */
export class NeedsBackendError extends Error {
  override readonly name = 'NeedsBackendError';
}

/** What the device knows of the queue side. */
export interface Known {
  readonly position: number;
  readonly seen: number;
  readonly published: number;
  /** The policy's own registers. */
  readonly state: readonly number[];
  /** Commands fetched and not completed; undefined where completions aren't explored. */
  readonly inFlight: number | undefined;
  /** The steps since the pass began asked to stay awake, to be woken later, to end the pass, or to begin one. */
  readonly polls: boolean;
  readonly timed: boolean;
  readonly stops: boolean;
  readonly looks: boolean;
}

const WISHES = { polls: false, timed: false, stops: false, looks: false } as const;

/** What is known at first. @param backend whether completions are explored */
export function unknowing(backend: boolean): Known {
  const { state } = newView(2);
  return { position: 0, seen: 0, published: 0, state, inFlight: backend ? 0 : undefined, ...WISHES };
}

/** The same without what earlier steps asked for. */
export function withoutWishes(known: Known): Known {
  return { ...known, ...WISHES };
}

export interface Ran {
  readonly known: Known;
  readonly memory: Memory;
  readonly action: Omit<Action, 'thread'>;
}

/** A program's steps as they are explored: barriers can be taken out. */
export function stepsOf(program: readonly PolicyStep[], barriers: boolean): readonly PolicyStep[] {
  return barriers ? program : program.filter(({ step }) => step !== 'barrier');
}

/**
 * Whether a load of the shadow doorbell may be satisfied early here: one that a barrier would discard needn't be explored.
 * A step with a condition may happen or not.
 */
export function loadsEarly(program: readonly PolicyStep[], at: number): boolean {
  for (let i = at; i < program.length; i++) {
    const { step, when } = program[i]!;
    if (step === 'reread') return true;
    if (step === 'barrier' && when === undefined) return false;
  }
  return true;
}

/** The first step from `at` on whose condition holds, or the end of the program. */
export function dueStep(program: readonly PolicyStep[], at: number, known: Known, depth: number): number {
  let due = at;
  for (; due < program.length; due++) {
    const { when } = program[due]!;
    if (when === undefined || when(viewOf(known, depth))) break;
  }
  return due;
}

/**
 * Runs one step of the device; a measure of time has both outcomes. Throws UnverifiableError when it reads what isn't modelled or writes
 * what can't be, NeedsBackendError when completions must be explored.
 */
export function runStep(step: PolicyStep, model: MemoryModel, depth: number, known: Known, memory: Memory): readonly Ran[] {
  const ran = (action: Omit<Action, 'thread'>, after: Partial<Known> = {}, memoryAfter: Memory = memory): Ran => ({ known: { ...known, ...after }, memory: memoryAfter, action });
  const own = (register: number, value: number): Partial<Known> => ({ state: known.state.with(registerOf(register), ownValue(value)) });
  switch (step.step) {
    case 'publish': {
      const index = step.index(viewOf(known, depth));
      if (index === undefined) return [ran({ action: 'keep-eventidx', text: 'leaves EventIdx as it is' })];
      if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff) throw new UnverifiableError(`it publishes ${index}, which is no 32-bit word`);
      return [ran({ action: 'publish', value: index, text: `stores EventIdx = ${index}` }, { published: index }, store(model, memory, 'device', 'EventIdx', index))];
    }
    case 'barrier':
      return [ran({ action: 'full-barrier', text: 'full barrier: its stores are visible' }, {}, fullBarrier(memory, 'device'))];
    case 'reread': {
      const { value, memory: loaded } = load(memory, 'device', 'shadow');
      return [ran({ action: 'reread', value, text: `loads shadow: ${value}` }, { seen: value }, loaded)];
    }
    case 'poll':
      checkDuration('poll', step.everyNs, known, depth);
      if (step.forNs !== undefined) checkDuration('poll', step.forNs, known, depth);
      return [ran({ action: 'poll', text: 'will look again' }, { polls: true })];
    case 'timer':
      checkDuration('timer', step.afterNs, known, depth);
      return [ran({ action: 'timer', text: 'sets a timer' }, { timed: true })];
    case 'set': {
      const value = step.value(viewOf(known, depth));
      return [ran({ action: 'set', value, text: `sets its register ${step.register} to ${value}` }, own(step.register, value))];
    }
    case 'measure':
      return [0, 1].map((value) => ran({ action: 'measure', value, text: `measures the time: register ${step.register} is ${value}` }, own(step.register, value)));
    case 'time':
      return [ran({ action: 'time', text: 'notes a time' })];
    case 'stop':
      return [ran({ action: 'stop', text: 'ends the pass' }, { stops: true })];
    case 'look':
      return [ran({ action: 'look', text: 'will begin a pass' }, { looks: true })];
    default:
      return unreachable(step);
  }
}

function registerOf(register: number): number {
  if (Number.isInteger(register) && register >= 0 && register < REGISTERS) return register;
  throw new UnverifiableError(`it writes register ${register}; there are ${REGISTERS}, from 0`);
}

function ownValue(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw new UnverifiableError(`it sets a register to ${value}, which is no whole number of 0 to 65535`);
}

/**
 * Throws an UnverifiableError unless it is a finite time. How long it is doesn't matter here; one that is made of the time, or of what isn't explored, can't be
 * judged.
 */
function checkDuration(step: string, duration: Duration, known: Known, depth: number): void {
  let isOpen = false;
  const open = (value: number | readonly number[]): PropertyDescriptor => ({
    get: () => {
      isOpen = true;
      return value;
    },
  });
  const { inFlight } = known;
  const view = { ...withoutClock(known, depth) };
  Object.defineProperties(view, { nowNs: open(0), times: open(Array.from({ length: REGISTERS }, () => 0)), inFlight: inFlight === undefined ? open(0) : { value: inFlight } });
  const ns = durationNs(duration, view as PolicyView);
  if (!isOpen && (!Number.isFinite(ns) || ns < 0)) throw new UnverifiableError(`its ${step} step takes ${ns} ns, and a duration is a finite number from 0`);
}

function withoutClock({ position, seen, published, state }: Known, depth: number): Omit<PolicyView, 'inFlight' | 'times' | 'nowNs'> {
  return { depth, position, seen, published, state: [...state] };
}

function viewOf(known: Known, depth: number): PolicyView {
  const { inFlight } = known;
  const noClock = (): never => {
    throw new UnverifiableError('it reads the time, and only a measure step, a time step or a duration may');
  };
  return {
    ...withoutClock(known, depth),
    get inFlight(): number {
      if (inFlight === undefined) throw new NeedsBackendError();
      return inFlight;
    },
    get times(): never {
      return noClock();
    },
    get nowNs(): never {
      return noClock();
    },
  };
}

export function knownKey({ position, seen, published, state, inFlight, polls, timed, stops, looks }: Known): string {
  const wishes = (polls ? 1 : 0) + (timed ? 2 : 0) + (stops ? 4 : 0) + (looks ? 8 : 0);
  return `${position},${seen},${published},${wishes},${inFlight ?? ''},${state.join('.')}`;
}
