// What if a recording with shadow doorbells had been made without them? Then the recording itself is what they are worth:
// its baseline, the replay without them, is the prediction, and "saved" would compare that with itself.

import type { ControllerFacts, MedianInterval, ReviewInput } from '../input.js';

/** What shadow doorbells saved in a recording that had them. */
export interface Without {
  /** Register writes of I/O queues, as recorded. */
  readonly recorded: number;
  /** Those that the workload would have needed without shadow doorbells. */
  readonly needed: MedianInterval;
  /** 1 - recorded / needed; below 0 where they added writes. */
  readonly saved: { readonly fraction: number; readonly low: number; readonly high: number };
}

/** Null where the what-if has shadow doorbells on, where the recording was made without any, or where nothing would ring. */
export function withoutShadow({ whatIf, controllers }: Pick<ReviewInput, 'whatIf' | 'controllers'>): Without | null {
  const needed = whatIf.predicted.mmio.total;
  if (whatIf.shadow === 'on' || !controllers.some(({ shadow }) => shadow) || needed.low <= 0) return null;
  const { writes: recorded } = recordedOf(controllers);
  return {
    recorded,
    needed,
    saved: { fraction: 1 - recorded / needed.median, low: 1 - recorded / needed.low, high: 1 - recorded / needed.high },
  };
}

/** Commands and doorbell register writes of the I/O queues, as recorded. */
export function recordedOf(controllers: readonly ControllerFacts[]): { readonly commands: number; readonly writes: number } {
  const queues = controllers.flatMap((controller) => controller.queues);
  return {
    commands: queues.reduce((sum, queue) => sum + queue.commands, 0),
    writes: queues.reduce((sum, { mmio }) => sum + mmio.sq + mmio.cq, 0),
  };
}
