// What driver and device do next, as generators: each yields the actions that it may take, and gets the one that was taken.
// A driver's steps and a policy's program are followed; everything else is written here once more.

import type { AnnounceStep, DriverModel } from '../../../src/model/driver/driver.js';
import { type CqPolicy, type PolicyStep, type PolicyView, type SqPolicy, newView } from '../../../src/model/policy/policy.js';
import type { Word } from './words.js';

/** One action that a thread may take. `word`: it is loaded or stored. `value`: it must be this one. */
export interface Way {
  readonly action: string;
  readonly value?: number;
  readonly load?: Word;
  readonly store?: Word;
  readonly barrier?: 'full' | 'read';
  /** It waits for this. */
  readonly needs?: 'ring' | 'timer';
  /** Words of its text that tell it from others of the same name. */
  readonly text?: string;
}

export type Thread = Generator<readonly Way[], never, Way & { readonly value?: number }>;

/** What is known of the two sides' progress, for what one of them knows at once of the other. */
export interface Progress {
  depth: number;
  batch: number;
  /** Entries that the driver added or consumed, and that the device fetched or posted; counted from the start. */
  driver: number;
  device: number;
  /** Entries in all. */
  all: number;
  /** Asleep, or waiting for room: nothing but a ring begins a pass. */
  atRest: boolean;
}

/** A driver: on an SQ it adds commands, on a CQ it consumes what it sees. Whether it rings is asked of its own predicate. */
export function* driverThread({ announce, ringNeeded }: Pick<DriverModel, 'announce' | 'ringNeeded'>, action: 'add' | 'consume', room: () => number, progress: Progress): Thread {
  let tail = 0;
  for (;;) {
    const most = Math.min(room(), progress.batch);
    const adds = Array.from({ length: Math.max(most, 0) }, (_, i): Way => ({ action, value: (tail + i + 1) % progress.depth }));
    const { value } = yield [...adds, { action: 'reset' }];
    if (value === undefined) {
      tail = 0;
      continue;
    }
    progress.driver += (value - tail + progress.depth) % progress.depth;
    yield* announcement(announce, ringNeeded, value);
    tail = value;
  }
}

function* announcement(announce: readonly AnnounceStep[], ringNeeded: DriverModel['ringNeeded'], value: number): Generator<readonly Way[], void, Way> {
  let [old, eventIdx] = [0, 0];
  for (const step of announce) {
    if (step === 'load-old') old = (yield [{ action: step, load: 'shadow' }]).value!;
    else if (step === 'store-shadow') yield [{ action: step, store: 'shadow', value }];
    else if (step === 'full-barrier') yield [{ action: step, barrier: 'full' }];
    else if (step === 'read-barrier') yield [{ action: step, barrier: 'read' }];
    else if (step === 'load-eventidx') eventIdx = (yield [{ action: step, load: 'EventIdx' }]).value!;
    else yield [{ action: ringNeeded(eventIdx, value, old) ? 'ring' : 'suppressed', value }];
  }
}

/** What steps of a program asked for. */
interface Wishes {
  polls: boolean;
  timed: boolean;
  stops: boolean;
  looks: boolean;
}

/** Runs steps whose conditions hold; ends early behind a stop. */
function* steps(program: readonly PolicyStep[], view: PolicyView, wishes: Wishes, barriers: boolean): Generator<readonly Way[], void, Way> {
  for (const step of program) {
    if (step.step === 'barrier' && !barriers) continue;
    if (step.when !== undefined && !step.when(view)) continue;
    switch (step.step) {
      case 'reread':
        view.seen = (yield [{ action: 'reread', load: 'shadow' }]).value!;
        break;
      case 'publish': {
        const value = step.index(view);
        if (value === undefined) yield [{ action: 'keep-eventidx' }];
        else {
          view.published = value;
          yield [{ action: 'publish', store: 'EventIdx', value }];
        }
        break;
      }
      case 'barrier':
        yield [{ action: 'full-barrier', barrier: 'full' }];
        break;
      case 'set': {
        const value = step.value(view);
        view.state[step.register] = value;
        yield [{ action: 'set', value }];
        break;
      }
      case 'measure':
        view.state[step.register] = (yield [0, 1].map((value) => ({ action: 'measure', value }))).value!;
        break;
      case 'poll':
        wishes.polls = true;
        yield [{ action: 'poll' }];
        break;
      case 'timer':
        wishes.timed = true;
        yield [{ action: 'timer' }];
        break;
      case 'look':
        wishes.looks = true;
        yield [{ action: 'look' }];
        break;
      case 'stop':
        wishes.stops = true;
        yield [{ action: 'stop' }];
        return;
      default:
        yield [{ action: step.step }];
    }
  }
}

/** A device's side of an SQ. `backend`: its completions are followed. */
export function* sqDevice({ program }: SqPolicy, barriers: boolean, backend: boolean, progress: Progress): Thread {
  const view = newView(progress.depth);
  const wishes: Wishes = { polls: false, timed: false, stops: false, looks: false };
  const run = (list: readonly PolicyStep[]): ReturnType<typeof steps> => steps(list, view, wishes, barriers);
  const forget = (): unknown => Object.assign(wishes, { polls: false, timed: false, stops: false, looks: false });
  for (;;) {
    const ways: Way[] = [{ action: 'wake', needs: 'ring', text: 'rung' }];
    if (wishes.timed) ways.push({ action: 'wake', needs: 'timer', text: 'timer' });
    if (wishes.polls) ways.push({ action: 'look-again' });
    if (backend && view.inFlight > 0) ways.push({ action: 'complete' });
    progress.atRest = !wishes.timed && !wishes.polls && !(backend && view.inFlight > 0 && (program.onComplete ?? []).length > 0);
    const { action } = yield ways;
    progress.atRest = false;
    if (action === 'complete') {
      wishes.looks = false;
      view.inFlight -= 1;
      yield* run(program.onComplete ?? []);
      yield [{ action: 'completed' }];
      if (!wishes.looks) continue;
    }
    forget();
    yield* run(program.onStart);
    while (!wishes.stops) {
      while (view.position !== view.seen && !wishes.stops) {
        yield [{ action: 'fetch', value: view.position }];
        view.position = (view.position + 1) % progress.depth;
        view.inFlight += 1;
        progress.device += 1;
        yield* run(program.onCommand);
      }
      if (wishes.stops) break;
      forget();
      yield [{ action: 'empty', value: view.position }];
      yield* run(program.onEmpty);
      if (view.position !== view.seen) continue;
      yield [wishes.polls ? { action: 'stay' } : { action: 'sleep', value: view.position }];
      break;
    }
    wishes.stops = false;
  }
}

/** A device's side of a CQ: threads that post to it in turns. */
export function* cqDevice({ program }: CqPolicy, barriers: boolean, posters: number, progress: Progress): Thread {
  const { depth, all } = progress;
  const view = newView(depth);
  const wishes: Wishes = { polls: false, timed: false, stops: false, looks: false };
  const run = (list: readonly PolicyStep[]): ReturnType<typeof steps> => steps(list, view, wishes, barriers);
  const forget = (): unknown => Object.assign(wishes, { polls: false, timed: false });
  const left = Array.from({ length: posters }, (_, i) => Math.floor((all + i) / posters));
  const waits = left.map(() => false);
  const hasRoom = (): boolean => (view.position + 1) % depth !== view.seen;
  yield* run(program.onConfig);
  yield [{ action: 'begin' }];
  for (;;) {
    let active = posters === 1 && left[0]! > 0 && !waits[0] ? 0 : -1;
    while (active < 0) {
      const ways = left.flatMap((count, i): Way[] => (posters > 1 && count > 0 && !waits[i] ? [{ action: 'take', text: `queue ${i + 1}` }] : []));
      if (waits.includes(true)) {
        ways.push({ action: 'wake', needs: 'ring', text: 'rung' });
        if (wishes.timed) ways.push({ action: 'wake', needs: 'timer', text: 'timer' });
        if (wishes.polls) ways.push({ action: 'look-again' });
      }
      progress.atRest = !wishes.timed && !wishes.polls && waits.includes(true) && waits.every((waiting, i) => waiting || left[i] === 0);
      const way = yield ways;
      progress.atRest = false;
      if (way.action === 'take') active = Number(/\d+/.exec(way.text!)) - 1;
      else {
        waits.fill(false);
        forget();
        if (posters === 1) active = 0;
      }
    }
    yield* run(program.onPost);
    if (!hasRoom()) {
      yield [{ action: 'full', value: view.position }];
      yield* run(program.onFull);
    }
    if (!hasRoom()) {
      yield [{ action: 'block', value: view.position }];
      waits[active] = true;
      continue;
    }
    progress.device += 1;
    yield [{ action: 'post', store: 'posted', value: view.position }];
    view.position = (view.position + 1) % depth;
    left[active]! -= 1;
    if (!waits.includes(true)) forget();
  }
}
