// What the threads of a decode tell each other. Everything is plain values, as structured cloning keeps them.

import { BellwetherError } from '../base/errors.js';
import type { ExitCode, Place } from '../base/errors.js';
import type { DecodeProgress } from '../formats/decode.js';
import type { RingMemory } from './batch-ring.js';
import type { DecodedCapture, DecodeJob } from './decoding.js';

/** What a decoding thread is told first, once it has loaded. */
export interface DecodeOrder {
  readonly job: DecodeJob;
  readonly ring: RingMemory;
}

/** `events`: the next batch is in the ring. `decoded` and `failed` are the last one. */
export type DecodeMessage =
  | { readonly is: 'events'; readonly rows: number }
  | { readonly is: 'progress'; readonly progress: DecodeProgress }
  | { readonly is: 'decoded'; readonly decoded: DecodedCapture }
  | { readonly is: 'failed'; readonly failure: Failure };

/** An error: cloning keeps no class and no fields but those of Error. */
export interface Failure {
  readonly error: Error;
  /** The fields of an error that a user can act on; undefined for a bug. */
  readonly expected: ExpectedFailure | undefined;
}

interface ExpectedFailure {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly suggestions: readonly string[];
  readonly where: Place;
}

export function failureOf(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const plain = new Error(error.message);
  plain.name = error.name;
  plain.stack = error.stack ?? '';
  if (!(error instanceof BellwetherError)) return { error: plain, expected: undefined };
  const { code, exitCode, suggestions, where } = error;
  return { error: plain, expected: { code, exitCode, suggestions, where } };
}

/** The error that a failure tells of, to be thrown. Subclasses of BellwetherError come back as BellwetherError. */
export function errorOf({ error, expected }: Failure): Error {
  if (expected === undefined) return error;
  const { code, exitCode, suggestions, where } = expected;
  return new BellwetherError(code, exitCode, error.message, { suggestions, where, cause: error });
}
