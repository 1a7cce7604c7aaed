// Workload files: those that come with Bellwether, found by name, and the user's own, found by path.

import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { usageError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import type { Job, Workload } from '../replay/workload/workload.js';
import { type WorkloadFile, workloadSchema } from './workload-schema.js';

const MAX_FILE_BYTES = 1024 * 1024;
const HELP = 'docs/workloads.md describes the file, with an example; "bellwether list workloads" lists those that come along.';
const ENDING = '.json';

/** A workload that comes along. */
export interface BundledWorkload {
  readonly name: string;
  readonly about: string;
}

/** A workload with the text that it was read from. */
export interface LoadedWorkload {
  readonly workload: Workload;
  readonly text: string;
}

/** Where the bundled ones are: in the package's fixtures folder. */
function bundledFolder(): string {
  return fileURLToPath(new URL('../../../fixtures/workloads/', import.meta.url));
}

/** The bundled workloads, by name. */
export async function bundledWorkloads(folder = bundledFolder()): Promise<readonly BundledWorkload[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).toSorted();
  return Promise.all(
    names.map(async (file) => {
      const { workload } = await readWorkload(join(folder, file));
      return { name: basename(file, ENDING), about: workload.about };
    }),
  );
}

/**
 * The workload that the user means: a path when it ends in .json or has a slash in it, else a bundled one's name. Throws a usage
 * error that names each fault with its path and what is expected.
 */
export async function loadWorkload(reference: string, folder = bundledFolder()): Promise<LoadedWorkload> {
  if (reference.endsWith(ENDING) || /[/\\]/.test(reference)) return readWorkload(reference);
  const bundled = await bundledWorkloads(folder);
  if (bundled.some(({ name }) => name === reference)) return readWorkload(join(folder, reference + ENDING));
  throw usageError(`--workload ${reference}: no workload of that name comes along`, [`There are: ${bundled.map(({ name }) => name).join(', ')}. A path ends in ${ENDING}.`]);
}

async function readWorkload(path: string): Promise<LoadedWorkload> {
  const text = await read(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw usageError(`--workload ${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`, [HELP]);
  }
  const result = workloadSchema.safeParse(json);
  if (result.success) return { workload: workloadOf(result.data), text };
  throw usageError(`--workload ${path} describes no workload:\n${z.prettifyError(result.error)}`, [HELP]);
}

async function read(path: string): Promise<string> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw usageError(`--workload ${path} is no file`, [HELP]);
    if (file.size > MAX_FILE_BYTES) throw usageError(`--workload ${path}: ${formatBytes(file.size)} are more than ${formatBytes(MAX_FILE_BYTES)}`, [HELP]);
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('E_') || code === '') throw error;
    throw usageError(`--workload ${path} can't be read: ${code === 'ENOENT' ? 'there is no such file' : code}`, [HELP]);
  }
}

/** Settles what the file leaves open. */
export function workloadOf({ name, about, jobs, guest, device, host, machine }: WorkloadFile): Workload {
  const vcpus = guest.vcpus ?? Math.max(...vcpusAsked(jobs));
  return {
    name,
    about,
    jobs: placed(jobs, vcpus),
    guest: {
      vcpus,
      queueDepth: guest.queue_depth,
      polled: guest.polled,
      interruptIdle: guest.interrupt_idle,
      interruptBusy: guest.interrupt_busy,
      interruptPending: guest.interrupt_pending,
      handlerTail: guest.handler_tail,
      perCompletion: guest.per_completion,
      shadowUpdateNs: guest.shadow_update,
    },
    device: {
      wake: device.wake,
      kick: device.kick,
      lockWake: device.lock_wake,
      dispatchNs: device.dispatch,
      iterationNs: device.iteration,
      fetch: device.fetch,
      service: device.service,
      perKibNs: device.per_kib,
      channels: device.channels ?? Infinity,
      complete: device.complete,
      interrupt: device.interrupt,
      shadowReadNs: device.shadow_read,
      eventIdxWriteNs: device.eventidx_write,
    },
    cores: host.cores ?? vcpus + 1,
    machine: { driver: machine.driver, device: machine.device, policy: machine.policy, cqPolicy: machine.cq_policy, transport: transportOf(machine.transport) },
  };
}

/** vCPUs that the jobs need: those that they name, and one for each that names none. */
function vcpusAsked(jobs: WorkloadFile['jobs']): readonly number[] {
  const unplaced = jobs.filter(({ vcpu }) => vcpu === undefined).reduce((sum, { count }) => sum + count, 0);
  return [1, unplaced, ...jobs.map(({ vcpu, count }) => (vcpu === undefined ? 0 : vcpu + count))];
}

/** One job for each that is counted; those without a vCPU go round. */
function placed(jobs: WorkloadFile['jobs'], vcpus: number): readonly Job[] {
  let next = 0;
  return jobs.flatMap(({ count, vcpu, mix, flush_waits, resume, pause, block, runtime, ...job }) => {
    const sum = mix.read + mix.write + mix.flush + mix.trim;
    return Array.from({ length: count }, (_, i) => ({
      ...job,
      name: count === 1 ? job.name : `${job.name} ${i + 1}`,
      vcpu: vcpu === undefined ? next++ % vcpus : vcpu + i,
      blockBytes: block,
      mix: { read: mix.read / sum, write: mix.write / sum, flush: mix.flush / sum, trim: mix.trim / sum },
      flushWaits: flush_waits,
      resume: resume ?? job.think,
      pause: pause ?? { every: 0, for: { kind: 'constant', ns: 0 } as const },
      runtimeNs: runtime,
    }));
  });
}

function transportOf(given: WorkloadFile['machine']['transport']): Workload['machine']['transport'] {
  if (given === undefined || typeof given === 'string') return given;
  return { name: 'as described', vcpuNs: given.vcpu, deliveryNs: given.delivery, needsLock: given.lock, source: given.source };
}
