// Described workloads in tests: the bundled ones, and small ones of a few keys.

import { fileURLToPath } from 'node:url';
import { workloadConfiguration } from '../../src/app/replay-workload.js';
import { loadWorkload, workloadOf } from '../../src/app/workload-file.js';
import { workloadSchema } from '../../src/app/workload-schema.js';
import type { RunResult } from '../../src/replay/measured.js';
import type { Configuration } from '../../src/replay/run.js';
import { type Workload } from '../../src/replay/workload/workload.js';
import { runWorkload } from '../../src/replay/workload/what-if.js';

export const BUNDLED = fileURLToPath(new URL('../../fixtures/workloads/', import.meta.url));

export async function bundled(name: string): Promise<Workload> {
  return (await loadWorkload(name, BUNDLED)).workload;
}

/** A workload of these keys of the file, checked like one. */
export function described(file: object): Workload {
  return workloadOf(workloadSchema.parse({ name: 'test', ...file }));
}

/** Runs it once as its file says, but for `changed`. */
export function runOf(workload: Workload, changed: Partial<Configuration> = {}, seed = 1): RunResult {
  const { shadow = true } = changed;
  return runWorkload(workload, { ...workloadConfiguration(workload, { shadow }), ...changed }, { seed, measure: true });
}
