// Errors that a user can act on, and the exit codes of the command line.
// Our own bugs are plain Errors (see assert.ts); they end with exit code 1 and a stack.

/** Exit codes of the `bellwether` binary; documented in docs/exit-codes.md. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  input: 3,
  store: 4,
  check: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where in the input something is wrong. `line` counts from 1, `byte` from 0 in the decompressed stream. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly byte?: number;
}

interface ErrorDetails {
  /** The way out, as sentences that name a flag or a command. */
  readonly suggestions?: readonly string[];
  readonly where?: Place;
  readonly cause?: unknown;
}

/**
 * An expected failure: bad use, refused input, a store that can't be opened, a check that failed.
 * The message states what and where, with the numbers that disagree.
 * The `oclif`, `exitCode` and `suggestions` fields are what oclif's error printer reads.
 */
export class BellwetherError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly oclif: { readonly exit: ExitCode };
  readonly suggestions: readonly string[];
  readonly where: Place;

  constructor(code: string, exitCode: ExitCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'BellwetherError';
    this.code = code;
    this.exitCode = exitCode;
    this.oclif = { exit: exitCode };
    this.suggestions = details.suggestions ?? [];
    this.where = details.where ?? {};
  }
}

/** The command was called wrongly: exit code 2. */
export function usageError(message: string, suggestions: readonly string[] = []): BellwetherError {
  return new BellwetherError('E_USAGE', EXIT.usage, message, { suggestions });
}

/** The input can't be read as a capture: exit code 3. */
export function inputError(message: string, details: ErrorDetails = {}): BellwetherError {
  return new BellwetherError('E_INPUT', EXIT.input, message, details);
}

/** The store can't be opened, is of another version, or refuses a write: exit code 4. */
export function storeError(message: string, details: ErrorDetails = {}): BellwetherError {
  return new BellwetherError('E_STORE', EXIT.store, message, details);
}
