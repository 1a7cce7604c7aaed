// A workload that is described, not recorded: what runs in the guest, and what each step takes. docs/workloads.md says
// what the keys of the file mean; this is the same with units and defaults settled.

import type { Transport } from '../../model/transport.js';
import type { Distribution } from './distribution.js';

/** Shares of the commands; they sum to 1. */
export interface Mix {
  readonly read: number;
  readonly write: number;
  readonly flush: number;
  readonly trim: number;
}

/** A program that keeps commands outstanding on one vCPU. */
export interface Job {
  readonly name: string;
  /** The vCPU that it runs on, from 0, whose queue pair it uses. */
  readonly vcpu: number;
  /** Commands that it keeps outstanding. */
  readonly iodepth: number;
  /** Commands that it submits at once. */
  readonly batch: number;
  readonly blockBytes: number;
  readonly mix: Mix;
  /** Whether it waits for a flush before it goes on. */
  readonly flushWaits: boolean;
  /** vCPU time from one submission to the next. */
  readonly think: Distribution;
  /** vCPU time from the driver's pass over the CQ to the next submission, when the job had to wait for it. */
  readonly resume: Distribution;
  /** It sleeps after so many commands; `every` 0: never. */
  readonly pause: { readonly every: number; readonly for: Distribution };
  /** Commands in all. Infinity: as many as the run time allows. */
  readonly commands: number;
  /** No batch is begun later than this, in ns. */
  readonly runtimeNs: number;
}

/** Guest side: queues and the interrupt path. vCPU times. */
export interface GuestSpec {
  readonly vcpus: number;
  /** Entries of each SQ and each CQ. */
  readonly queueDepth: number;
  readonly polled: boolean;
  /** From the interrupt to the first completion's handling: on an idle vCPU, on one at work, and behind a register write. */
  readonly interruptIdle: Distribution;
  readonly interruptBusy: Distribution;
  readonly interruptPending: Distribution;
  readonly handlerTail: Distribution;
  readonly perCompletion: Distribution;
  readonly shadowUpdateNs: number;
}

/** Device side. */
export interface DeviceSpec {
  /** From a doorbell's arrival at a sleeping device to the begin of its work, and what waking it costs the vCPU. */
  readonly wake: Distribution;
  readonly kick: Distribution;
  /** From the release of the device's lock to a vCPU that slept for it. */
  readonly lockWake: Distribution;
  readonly dispatchNs: number;
  /** The same of an iteration of the main loop that follows another one. */
  readonly iterationNs: number;
  readonly fetch: Distribution;
  /** Service of a command by its operation, from issue. */
  readonly service: Readonly<Record<keyof Mix, Distribution>>;
  /** Service of every further KiB, in ns. */
  readonly perKibNs: number;
  /** Commands that the backend serves at a time; more wait. */
  readonly channels: number;
  readonly complete: Distribution;
  readonly interrupt: Distribution;
  readonly shadowReadNs: number;
  readonly eventIdxWriteNs: number;
}

/** A checked workload. */
export interface Workload {
  readonly name: string;
  readonly about: string;
  readonly jobs: readonly Job[];
  readonly guest: GuestSpec;
  readonly device: DeviceSpec;
  /** Cores of the host. */
  readonly cores: number;
  /** Names of the machine's parts; undefined: the catalogue's or the device's first. */
  readonly machine: {
    readonly driver: string | undefined;
    readonly device: string | undefined;
    readonly policy: string | undefined;
    readonly cqPolicy: string | undefined;
    /** By name, or with costs of its own. */
    readonly transport: string | Transport | undefined;
  };
}

/** Commands that a run of the workload has at most; Infinity when only its run time ends it. */
export function mostCommands({ jobs }: Workload): number {
  return jobs.reduce((sum, { commands }) => sum + commands, 0);
}
