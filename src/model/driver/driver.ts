// What a driver model is, and the drivers that can be named.
// A driver is data: the same announcement steps are run by the replay and explored by the verifier.

import { ringNeeded, ringNeededInclusive } from '../../nvme/notify.js';

/** One memory access or decision of an announcement. */
export type AnnounceStep = 'load-old' | 'store-shadow' | 'full-barrier' | 'read-barrier' | 'load-eventidx' | 'ring-if-needed';

export interface DriverModel {
  readonly name: string;
  /** Versions and functions that it follows. */
  readonly source: string;
  /** Announce a batch once, as far as the ring allows; otherwise announce every command. */
  readonly batched: boolean;
  /** Of a batching driver: commands that one announcement carries at most. */
  readonly batchLimit?: number;
  /** Completions after which the CQ head is announced, 1 or more; default: once per pass. */
  readonly cqBatch?: number;
  /** Steps of one announcement under shadow doorbells, in program order. */
  readonly announce: readonly AnnounceStep[];
  /** Whether passing from `oldValue` to `newValue` must ring, given the event index. */
  readonly ringNeeded: (eventIdx: number, newValue: number, oldValue: number) => boolean;
}

/** Linux since the fix of August 2018: a full barrier between the store and the load. */
const LINUX_ANNOUNCE: readonly AnnounceStep[] = ['load-old', 'store-shadow', 'full-barrier', 'load-eventidx', 'ring-if-needed'];

/** Linux before that fix: nothing orders the load behind the store. */
const UNORDERED_ANNOUNCE: readonly AnnounceStep[] = LINUX_ANNOUNCE.filter((step) => step !== 'full-barrier');
/** The proposal of 2014: a read barrier, which orders loads alone. */
const PROPOSAL_ANNOUNCE: readonly AnnounceStep[] = LINUX_ANNOUNCE.map((step) => (step === 'full-barrier' ? 'read-barrier' : step));

/** Every driver that can be named. */
export const DRIVERS: readonly DriverModel[] = [
  {
    name: 'linux-batched',
    source: 'Linux 5.0 and later: nvme_queue_rq with bd->last and nvme_commit_rqs (04f3eafda6e0)',
    batched: true,
    announce: LINUX_ANNOUNCE,
    ringNeeded,
  },
  {
    name: 'linux-per-command',
    source: 'Linux 4.19 and 4.20: nvme_write_sq_db after every command',
    batched: false,
    announce: LINUX_ANNOUNCE,
    ringNeeded,
  },
  {
    name: 'linux-4.12',
    source: 'Linux 4.12 to 4.18: nvme_write_sq_db after every command, no barrier before the EventIdx load',
    batched: false,
    announce: UNORDERED_ANNOUNCE,
    ringNeeded,
  },
  {
    name: 'google-2014',
    source: 'the proposal of 22 July 2014, "NVMe Vendor Extension for Improved Virtualization": a read barrier before the EventIdx load',
    batched: false,
    announce: PROPOSAL_ANNOUNCE,
    ringNeeded,
  },
  {
    name: 'spdk',
    source: 'SPDK lib/nvme since September 2019, without delay_cmd_submit: rings also when the new value equals EventIdx; its polling is not modelled',
    batched: false,
    announce: LINUX_ANNOUNCE,
    ringNeeded: ringNeededInclusive,
  },
];
