// Runs the real binary against the build.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `bellwether` in a folder, with its standard input open. */
export function start(folder: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  const { BELLWETHER_DB: _, NODE_ENV: __, ...env } = process.env;
  const child = spawn(process.execPath, [BINARY, ...args], { cwd: folder, env });
  // A child that ends early closes its input while we still write.
  child.stdin.on('error', () => {});
  return child;
}

/** What the child printed and how it ended. */
export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** Runs `bellwether` to its end without input. */
export async function bellwether(folder: string, ...args: readonly string[]): Promise<Outcome> {
  const child = start(folder, ...args);
  child.stdin.end();
  return outcome(child);
}
