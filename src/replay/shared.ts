// A calibration as runs draw from it: its lists of numbers as typed arrays in memory that threads share, so that it is there once, however many
// threads replay.

import type { Calibration } from './calibrate.js';
import type { SpecialTimes } from './calibrate-device.js';
import type { WorkerTimes } from './calibrate-workers.js';
import type { QueueCalibration } from './driver-times.js';

/** A list of numbers of either kind. */
export interface Numbers extends ArrayLike<number>, Iterable<number> {}

const TIMES = ['fetchNs', 'completeNs', 'interruptNs', 'handlerNs', 'busyHandlerNs', 'pendingHandlerNs', 'letInAfterSignalNs'] as const;
const QUEUE_TIMES = ['thinkAfterSubmitNs', 'thinkAfterReapNs', 'shortGapsNs'] as const;
const WORKER_TIMES = ['shortFetchNs', 'longFetchNs', 'doneNs'] as const;

type With<T, Lists extends keyof T> = Omit<T, Lists> & { readonly [List in Lists]: Numbers };

export type RunQueue = With<QueueCalibration, (typeof QUEUE_TIMES)[number] | 'batches' | 'batchOpcodes'>;
export type RunWorkers = With<WorkerTimes, (typeof WORKER_TIMES)[number]>;
/** What a run needs of a calibration; every Calibration is one. */
export type RunCalibration = Omit<With<Calibration, (typeof TIMES)[number]>, 'queues' | 'special' | 'workers'> & {
  readonly queues: readonly RunQueue[];
  readonly special: readonly With<SpecialTimes, 'serviceNs'>[];
  readonly workers: RunWorkers | undefined;
};

/** The same calibration in shared memory. Lists that are there already stay. */
export function shared(calibration: RunCalibration): RunCalibration {
  const { queues, special, workers } = calibration;
  return {
    ...calibration,
    ...times(calibration, TIMES),
    queues: queues.map((queue) => ({ ...queue, ...times(queue, QUEUE_TIMES), ...batches(queue) })),
    special: special.map(({ opcode, serviceNs }) => ({ opcode, serviceNs: doubles(serviceNs) })),
    workers: workers === undefined ? undefined : { ...workers, ...times(workers, WORKER_TIMES) },
  };
}

function times<List extends string>(from: Readonly<Record<List, Numbers>>, lists: readonly List[]): Record<List, Numbers> {
  const found: Partial<Record<List, Numbers>> = {};
  for (const list of lists) found[list] = doubles(from[list]);
  return found as Record<List, Numbers>;
}

/** Sizes are at most a queue's entries; opcodes are bytes, or -1. */
function batches({ batches: sizes, batchOpcodes: opcodes }: RunQueue): Pick<RunQueue, 'batches' | 'batchOpcodes'> {
  return {
    batches: sizes instanceof Uint16Array ? sizes : filled(new Uint16Array(new SharedArrayBuffer(2 * sizes.length)), sizes),
    batchOpcodes: opcodes instanceof Int16Array ? opcodes : filled(new Int16Array(new SharedArrayBuffer(2 * opcodes.length)), opcodes),
  };
}

function doubles(numbers: Numbers): Float64Array {
  return numbers instanceof Float64Array ? numbers : filled(new Float64Array(new SharedArrayBuffer(8 * numbers.length)), numbers);
}

function filled<T extends Float64Array | Uint16Array | Int16Array>(target: T, numbers: Numbers): T {
  target.set(numbers);
  return target;
}
