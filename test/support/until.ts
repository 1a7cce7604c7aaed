// Waiting for what another process does.

import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 60_000;
const PAUSE_MS = 50;

/** The first result of `look` that isn't undefined. Throws after a minute. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + LIMIT_MS; performance.now() < endMs; await sleep(PAUSE_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`in vain: ${what}`);
}
