// Takes a counterexample step by step, and looks at where it ends.

import type { Action, Exploration } from '../../../src/verify/explore.js';
import type { Question } from '../../../src/verify/verify.js';
import { Machine } from './machine.js';
import type { Move } from './words.js';

/** States that the end of a counterexample may lead to at most. */
const MOST_STATES = 20_000;

/** Undefined where the counterexample holds, else what is wrong with it. */
export function refute(question: Question, { verdict, start, path }: Pick<Exploration, 'verdict' | 'start' | 'path'>): string | undefined {
  const words = /shadow = (\d+), EventIdx = (\d+)$/.exec(start)?.slice(1).map(Number);
  if (words === undefined) return `it starts nowhere: ${start}`;
  const most = question.stale && question.policy.side === 'sq' ? question.bounds.depth - 1 : 0;
  if (words.some((value) => value > most)) return `it starts with words that can't be: ${start}`;
  const machine = new Machine(question, words[0]!, words[1]!);
  const taken: number[] = [];
  for (const [i, action] of path.entries()) {
    const moves = machine.moves();
    const fitting = moves.filter((move) => isMove(move, action));
    if (fitting.length !== 1) return `step ${i + 1} can't happen: ${action.thread} ${action.action} ${action.value ?? ''}; but ${moves.map((move) => `${move.party} ${move.action} ${move.value ?? ''}`).join(', ')}`;
    taken.push(moves.indexOf(fitting[0]!));
    fitting[0]!.take();
  }
  const ended = verdictOf(question, machine);
  if (ended !== verdict) return `it ends as ${ended}`;
  if (machine.work.done > machine.work.begun) return undefined;
  return leadsToDone(() => new Machine(question, words[0]!, words[1]!), taken) ? 'what was announced can still get done' : undefined;
}

function isMove(move: Move, { thread, action, value, text }: Action): boolean {
  return move.party === thread && move.action === action && (move.value === undefined || move.value === value) && (move.mentions === undefined || text.includes(move.mentions));
}

/** What is wrong with the state, going by what stands still. */
function verdictOf({ policy, stale }: Question, { isAtRest, work }: Machine): string {
  if (work.done > work.begun) return policy.side === 'sq' ? 'stale-shadow' : 'nonsense';
  if (!isAtRest) return 'livelock';
  if (policy.side === 'cq') return 'lost-completion';
  return stale || work.wasReset ? 'stale-shadow' : 'lost-wakeup';
}

/** Whether some order of moves after these, none of which begins new work, gets the announced work done. Throws when there are too many. */
function leadsToDone(anew: () => Machine, path: readonly number[]): boolean {
  const after = (moves: readonly number[]): Machine => {
    const machine = anew();
    for (const move of moves) machine.moves()[move]!.take();
    return machine;
  };
  const seen = new Set<string>();
  const open = [path];
  for (let moves = open.pop(); moves !== undefined; moves = open.pop()) {
    const machine = after(moves);
    if (machine.isDone) return true;
    const key = machine.key();
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states after the end of a counterexample`);
    for (const [i, { isNewWork }] of machine.moves().entries()) if (isNewWork !== true) open.push([...moves, i]);
  }
  return false;
}
