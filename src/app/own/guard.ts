// Guards around the functions of a user's policy: each call is watched, sees a view that it can't change, and what it returns is
// checked before the model or the verifier uses it.

import type { PolicyStep, PolicyView } from '../../model/policy/policy.js';
import { NeedsBackendError, UnverifiableError } from '../../verify/policy-step.js';
import { messageOf, ownPolicyError } from './error.js';
import type { Watch } from './watch.js';

type View = Readonly<PolicyView>;
type Check = (value: unknown) => string | undefined;

const isWord: Check = (value) => (value === undefined || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff) ? undefined : 'an EventIdx of 0 to 4294967295, or undefined');
const isOwnValue: Check = (value) => (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff ? undefined : 'a whole number of 0 to 65535');
const isTime: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : 'a finite number');
const isDuration: Check = (value) => (typeof value === 'number' && value >= 0 ? undefined : 'a number of ns, 0 or more');
const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

/** What a function of a step may return, by its name; `value` depends on the step. */
function checkOf(step: PolicyStep['step'], key: string): Check {
  if (key === 'when' || key === 'holds') return isBoolean;
  if (key === 'index') return isWord;
  if (key === 'value') return step === 'set' ? isOwnValue : isTime;
  return isDuration;
}

/** The program with guards around all its functions. */
export function guardedProgram<T extends Readonly<Record<string, unknown>>>(spec: string, program: T, watch: Watch): T {
  const lists = Object.entries(program).filter(([, steps]) => steps !== undefined);
  return Object.fromEntries(lists.map(([list, steps]) => [list, (steps as readonly PolicyStep[]).map((step, i) => guardedStep(spec, `${list}[${i}]`, step, watch))])) as T;
}

function guardedStep(spec: string, at: string, step: PolicyStep, watch: Watch): PolicyStep {
  const guarded = Object.entries(step).map(([key, value]): [string, unknown] =>
    typeof value === 'function' ? [key, guardedCall(spec, `${at}.${key}`, value as (view: View) => unknown, checkOf(step.step, key), watch)] : [key, value],
  );
  return Object.fromEntries(guarded) as unknown as PolicyStep;
}

function guardedCall(spec: string, where: string, call: (view: View) => unknown, check: Check, watch: Watch): (view: View) => unknown {
  const place = watch.place(where);
  return (view) => {
    let value: unknown;
    try {
      value = watch.run(place, () => call(new Shown(view)));
    } catch (error) {
      // What the verifier says to who reads what it doesn't have.
      if (error instanceof UnverifiableError || error instanceof NeedsBackendError) throw error;
      throw ownPolicyError(spec, `throws in ${where}: ${messageOf(error)}`, error);
    }
    const expected = check(value);
    if (expected !== undefined) throw ownPolicyError(spec, `returns ${printed(value)} from ${where}: expected ${expected}`);
    return value;
  };
}

function printed(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'undefined') return String(value);
  return value === null ? 'null' : `a ${typeof value}`;
}

// Where a property of a view isn't found: a misspelt name would be undefined, which a publish step takes for "leave it".
const NOTHING_ELSE = new Proxy(Object.create(null) as object, {
  get(_target, key) {
    if (typeof key === 'symbol') return undefined;
    throw new TypeError(`a view has no ${key}`);
  },
});

/** A view to look at: assignments fail, also to its copies of the registers, and so does reading what it doesn't have. */
class Shown implements View {
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
    Object.freeze(this);
  }

  get depth(): number {
    return this.#view.depth;
  }

  get position(): number {
    return this.#view.position;
  }

  get seen(): number {
    return this.#view.seen;
  }

  get published(): number {
    return this.#view.published;
  }

  get inFlight(): number {
    return this.#view.inFlight;
  }

  get state(): number[] {
    return Object.freeze([...this.#view.state]) as number[];
  }

  get times(): number[] {
    return Object.freeze([...this.#view.times]) as number[];
  }

  get nowNs(): number {
    return this.#view.nowNs;
  }
}

Object.setPrototypeOf(Shown.prototype, NOTHING_ELSE);
