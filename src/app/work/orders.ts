// What a working thread is asked for and answers. Everything is plain values, as structured cloning keeps them.

import type { Failure } from '../decode-messages.js';
import type { ReplayOptions, ReplayResult } from '../replay.js';
import type { VerifyOptions, VerifyResult } from '../verify.js';
import type { CellOrder, CellResult } from '../sweep/cell.js';

/** Policies are named by their specs; those in files are loaded by the thread. */
export type Named<T> = Omit<T, 'policy' | 'cqPolicy'> & { readonly policy: string | undefined; readonly cqPolicy?: string | undefined };

export type Order =
  | { readonly is: 'replay'; readonly options: Named<ReplayOptions> }
  | { readonly is: 'verify'; readonly options: Named<VerifyOptions> }
  | { readonly is: 'cell'; readonly order: CellOrder }
  | { readonly is: 'judge'; readonly options: Named<VerifyOptions> };

export type Answer<O extends Order> = O extends { is: 'replay' } ? ReplayResult : O extends { is: 'verify' | 'judge' } ? VerifyResult : CellResult;

export type WorkMessage =
  | { readonly is: 'places'; readonly places: readonly string[] }
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'failed'; readonly failure: Failure };

export interface WorkerStart {
  /** See own/watch.ts. */
  readonly watch: SharedArrayBuffer;
}
