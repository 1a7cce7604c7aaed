// Ending a use case early because the user asked for it.

import { BellwetherError, EXIT } from '../base/errors.js';

/** The user interrupted: exit code 130. `state` says what became of the work. */
export function interruptedError(state: string): BellwetherError {
  return new BellwetherError('E_INTERRUPTED', EXIT.interrupted, `interrupted: ${state}`);
}

/**
 * The result of `work`, or `error` as soon as the signal is aborted. The work isn't stopped by this: when it waits for
 * input that never comes, nothing could. What it still does must be harmless.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, error: () => Error): Promise<T> {
  if (signal === undefined) return work;
  const listening = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(error());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { signal: listening.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    listening.abort();
  }
}
