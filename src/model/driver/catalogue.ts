// Every driver that can be named.

import { ringNeeded, ringNeededInclusive } from '../../nvme/notify.js';
import type { AnnounceStep, BufferCare, DriverModel } from './driver.js';
import { GOOGLE_2014 } from './google.js';

/** Linux since the fix of August 2018: a full barrier between the store and the load. */
export const ORDERED: readonly AnnounceStep[] = ['load-old', 'store-shadow', 'full-barrier', 'load-eventidx', 'ring-if-needed'];

/** Linux before that fix: nothing orders the load behind the store. */
const UNORDERED: readonly AnnounceStep[] = ORDERED.filter((step) => step !== 'full-barrier');

/** [LINUX drivers/nvme/host/pci.c] since 6.8 and 6.6.59: what earlier versions did otherwise is said with them. */
const LINUX_6_8: BufferCare = {
  command: '7Ch',
  onRefusal: 'drops the pointers',
  inUse: 'once accepted',
  onReset: { words: 'cleared', command: 'sent before I/O' },
  sizedBy: 'queues',
  byteOrder: 'little-endian',
  atUnload: 'freed',
  barriers: 'with shadow doorbells',
};
/** 5.16 to 6.1: sent again only when requests that waited for the reset are done (until 06c59d427017); byte order until b5f96cb719d8. */
const LINUX_5_16: BufferCare = {
  ...LINUX_6_8,
  inUse: 'before the command',
  onReset: { words: 'cleared', command: 'sent when the first I/O is done' },
  byteOrder: 'the host\'s own',
};
/** 5.10 to 5.15: words of before the reset are kept (until 58847f12fe78). */
const LINUX_5_10: BufferCare = { ...LINUX_5_16, onReset: { words: 'kept', command: 'sent when the first I/O is done' } };
/** Until 5.1: never sent again; pointers kept when the command failed (until 0f0d2c876c96); sized by possible CPUs, which covers its queues. */
const LINUX_4: BufferCare = {
  ...LINUX_5_16,
  onRefusal: 'goes on with freed memory',
  onReset: { words: 'kept', command: 'never sent again' },
};

/** The first one is the default. */
export const DRIVERS: readonly DriverModel[] = [
  {
    name: 'linux-batched',
    source: 'Linux 5.0 and later without queue_rqs: nvme_queue_rq with bd->last and nvme_commit_rqs (04f3eafda6e0); buffers as in 6.8',
    batched: true,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_6_8,
  },
  {
    name: 'linux-5.10',
    source: 'Linux 5.10 to 5.15: as linux-batched; shadow words kept over a reset, 7Ch sent again after the first I/O',
    batched: true,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_5_10,
  },
  {
    name: 'linux-5.17',
    source: 'Linux 5.17 to 6.1: nvme_queue_rqs announces each run of a plugged list once, last request first; 7Ch sent again after the first I/O',
    batched: true,
    reversesBatches: true,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_5_16,
  },
  {
    name: 'linux-6.8',
    source: 'Linux 6.8 to 6.12: nvme_queue_rqs, last request first; 7Ch before I/O (06c59d427017)',
    batched: true,
    reversesBatches: true,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_6_8,
  },
  {
    name: 'linux-6.13',
    source: 'Linux 6.13 and later: nvme_queue_rqs in the order of submission (beadf0088501)',
    batched: true,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_6_8,
  },
  {
    name: 'linux-per-command',
    source: 'Linux 4.19 and 4.20: nvme_write_sq_db after every command',
    batched: false,
    announce: ORDERED,
    ringNeeded,
    buffers: LINUX_4,
  },
  {
    name: 'linux-4.12',
    source: 'Linux 4.12 to 4.18: nvme_write_sq_db after every command, no barrier before the EventIdx load',
    batched: false,
    announce: UNORDERED,
    ringNeeded,
    buffers: LINUX_4,
  },
  GOOGLE_2014,
  {
    name: 'spdk',
    source: 'SPDK lib/nvme since September 2019: one announcement per command, polled completions; rings also when the new value equals EventIdx',
    batched: false,
    polls: true,
    announce: ORDERED,
    ringNeeded: ringNeededInclusive,
    // It frees its queue pairs' words to zero, and sets a controller up anew after a reset.
    buffers: LINUX_6_8,
  },
  {
    name: 'spdk-delayed',
    source: 'SPDK lib/nvme with delay_cmd_submit: submissions are announced once per call of process_completions',
    batched: true,
    delaysAnnouncements: true,
    polls: true,
    announce: ORDERED,
    ringNeeded: ringNeededInclusive,
    buffers: LINUX_6_8,
  },
];
