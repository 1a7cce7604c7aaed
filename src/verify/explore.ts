// Breadth-first exploration of every interleaving: the first violation found is one with the fewest steps.
// A state is kept as its key and the step that led to it; the states themselves live only in the frontier.

export type ThreadName = 'driver' | 'device';

/** One atomic step of one thread, as a counterexample shows it. */
export interface Action {
  readonly thread: ThreadName;
  /** What kind of step, in fixed words. */
  readonly action: string;
  /** The value that was stored, loaded, published or rung, where there is one. */
  readonly value?: number;
  readonly text: string;
}

export interface Step<State> extends Action {
  readonly next: State;
  /** The step starts new work: nobody is obliged to take it. */
  readonly isNewWork: boolean;
}

/** What is explored. Functions depend on their arguments alone. */
export interface System<State> {
  readonly initial: readonly { readonly state: State; readonly text: string }[];
  /** A text that two states share only when they behave alike. */
  readonly key: (state: State) => string;
  /** Everything that can happen next, in a fixed order. */
  readonly steps: (state: State) => readonly Step<State>[];
  /** What is wrong with this state, if something is. */
  readonly violation: (state: State) => Violation | undefined;
  /** All work that was announced is done. */
  readonly isDone: (state: State) => boolean;
}

export interface Violation {
  readonly verdict: string;
  readonly text: string;
}

export interface Exploration {
  /** `unknown`: the bound on states was reached without a violation. */
  readonly verdict: string;
  /** Different states that were reached. */
  readonly states: number;
  /** Why the verdict, in a sentence. */
  readonly reason: string;
  /** How the state of the violation is reached; empty when there is none. The first text names the start. */
  readonly start: string;
  readonly path: readonly Action[];
}

/** Explores until a violation, the end, or `maxStates` different states (1 or more). */
export function explore<State>(system: System<State>, maxStates: number): Exploration {
  const search = new Search(system);
  let frontier: { state: State; id: number }[] = [];
  for (const [i, { state }] of system.initial.entries()) {
    const known = search.size;
    const id = search.reach(state, -1, i);
    if (id === known) frontier.push({ state, id });
  }
  while (frontier.length > 0) {
    const following: typeof frontier = [];
    for (const { state, id } of frontier) {
      const violation = system.violation(state);
      if (violation !== undefined) return search.violated(violation, id);
      for (const [i, { next, isNewWork }] of system.steps(state).entries()) {
        const known = search.size;
        const reached = search.reach(next, id, i);
        if (!isNewWork) search.edge(id, reached);
        if (reached < known) continue;
        if (search.size > maxStates) return { ...search.result({ verdict: 'unknown', text: `the bound of ${maxStates} states was reached; none of those that were examined is wrong` }), states: maxStates };
        following.push({ state: next, id: reached });
      }
    }
    frontier = following;
  }
  const doomed = search.firstWithoutWayOut();
  if (doomed !== undefined) {
    const path = search.violated({ verdict: 'livelock', text: 'from here on no order of steps gets the announced work done, unless the driver announces more' }, doomed);
    return search.canMove(doomed) ? path : { ...path, reason: 'deadlock: nobody can move, and announced work is left, unless the driver announces more' };
  }
  return search.result({ verdict: 'safe', text: 'every interleaving within the bounds gets all announced work done' });
}

/** What has been reached, how, and where it leads without new work. */
class Search<State> {
  private readonly system: System<State>;
  private readonly ids = new Map<string, number>();
  private readonly parents: number[] = [];
  private readonly stepTaken: number[] = [];
  private readonly done: number[] = [];
  private readonly from: number[] = [];
  private readonly to: number[] = [];

  constructor(system: System<State>) {
    this.system = system;
  }

  get size(): number {
    return this.ids.size;
  }

  /** The state's number: `size` before the call if it is new. For an initial state `parent` is -1 and `step` its place. */
  reach(state: State, parent: number, step: number): number {
    const key = this.system.key(state);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.ids.size;
    this.ids.set(key, id);
    this.parents.push(parent);
    this.stepTaken.push(step);
    if (this.system.isDone(state)) this.done.push(id);
    return id;
  }

  /** A step that somebody is obliged to take leads from one state to another. */
  edge(from: number, to: number): void {
    this.from.push(from);
    this.to.push(to);
  }

  /** The nearest state from which no done state can be reached by the edges kept. */
  firstWithoutWayOut(): number | undefined {
    const { size, from, to } = this;
    const begin = new Int32Array(size + 1);
    for (const target of to) begin[target + 1]! += 1;
    for (let i = 0; i < size; i++) begin[i + 1]! += begin[i]!;
    const fill = begin.slice(0, size);
    const sources = new Int32Array(to.length);
    for (let i = 0; i < to.length; i++) sources[fill[to[i]!]!++] = from[i]!;
    const reaches = new Uint8Array(size);
    const queue = [...this.done];
    for (const id of queue) reaches[id] = 1;
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (let i = begin[id]!; i < begin[id + 1]!; i++) {
        const source = sources[i]!;
        if (reaches[source] === 1) continue;
        reaches[source] = 1;
        queue.push(source);
      }
    }
    const found = reaches.indexOf(0);
    return found < 0 ? undefined : found;
  }

  /** Whether somebody is obliged to take a step there. */
  canMove(id: number): boolean {
    return this.from.includes(id);
  }

  result({ verdict, text }: Violation): Exploration {
    return { verdict, states: this.size, reason: text, start: '', path: [] };
  }

  /** The path is found by taking the steps again. */
  violated(violation: Violation, id: number): Exploration {
    const taken: number[] = [];
    let at = id;
    for (; this.parents[at]! >= 0; at = this.parents[at]!) taken.push(this.stepTaken[at]!);
    const { state: first, text } = this.system.initial[this.stepTaken[at]!]!;
    let state = first;
    const path = taken.toReversed().map((i): Action => {
      const { next, isNewWork: _, ...action } = this.system.steps(state)[i]!;
      state = next;
      return action;
    });
    return { ...this.result(violation), start: text, path };
  }
}
