// What a working thread is asked for and answers. Everything is plain values, as structured cloning keeps them.

import type { Failure } from '../decode-messages.js';
import type { ReplayOptions, ReplayResult } from '../replay.js';
import type { VerifyOptions, VerifyResult } from '../verify.js';
import type { PrepareOrder, PreparedTrace } from '../sweep/prepared.js';
import type { CellOrder, CellResult } from '../sweep/cell.js';
import type { RunOrder, RunOutcome } from '../../replay/run-plan.js';
import type { SentSetting } from '../runs.js';

/** Policies are named by their specs; those in files are loaded by the thread. */
export type Named<T> = Omit<T, 'policy' | 'cqPolicy' | 'makeRuns'> & { readonly policy: string | undefined; readonly cqPolicy?: string | undefined };

export type Order =
  | { readonly is: 'replay'; readonly options: Named<ReplayOptions> }
  | { readonly is: 'verify'; readonly options: Named<VerifyOptions> }
  | { readonly is: 'prepare'; readonly order: PrepareOrder }
  | { readonly is: 'take'; readonly trace: string; readonly prepared: PreparedTrace }
  | { readonly is: 'cell'; readonly order: CellOrder }
  | { readonly is: 'take setting'; readonly setting: SentSetting }
  | { readonly is: 'run'; readonly order: RunOrder };

/** What comes back of each kind of order. */
interface Answers {
  readonly replay: ReplayResult;
  readonly verify: VerifyResult;
  readonly prepare: PreparedTrace;
  readonly take: undefined;
  readonly cell: CellResult;
  readonly 'take setting': undefined;
  readonly run: RunOutcome;
}

export type Answer<O extends Order> = Answers[O['is']];

export type WorkMessage =
  | { readonly is: 'places'; readonly places: readonly string[] }
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'failed'; readonly failure: Failure };

export interface WorkerStart {
  /** See own/watch.ts. */
  readonly watch: SharedArrayBuffer;
}
