// One queue side as a device sees it through the shadow doorbells: runs the steps of an event-index policy.

import { unreachable } from '../../base/assert.js';
import type { Side } from '../../nvme/doorbell.js';
import type { Costs } from '../costs.js';
import type { DoorbellBuffers } from '../memory.js';
import type { PolicyStep } from '../policy/policy.js';
import type { QueuePair } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';

/** What the steps ask of the device besides memory accesses. */
export interface StepOutcome {
  /** Time spent, in ns. */
  spentNs: number;
  /** Stay awake and look again after this time, in ns; Infinity when no step asked for it. */
  pollNs: number;
  /** Sleep at most this long, in ns; Infinity when no step asked for it. */
  timerNs: number;
}

/** Runs policy steps for one device. Without buffers (shadow doorbells off) every step is skipped. */
export class PolicyRunner {
  private readonly buffers: DoorbellBuffers | undefined;
  private readonly costs: Costs;
  private readonly recorder: Recorder;
  private readonly outcome: StepOutcome = { spentNs: 0, pollNs: Infinity, timerNs: Infinity };

  constructor(buffers: DoorbellBuffers | undefined, costs: Costs, recorder: Recorder) {
    this.buffers = buffers;
    this.costs = costs;
    this.recorder = recorder;
  }

  /** Runs the steps at one instant. The outcome is reused by the next call. */
  run(steps: readonly PolicyStep[], pair: QueuePair, side: Side, nowNs: number): Readonly<StepOutcome> {
    const { outcome, buffers } = this;
    outcome.spentNs = 0;
    outcome.pollNs = Infinity;
    outcome.timerNs = Infinity;
    if (buffers === undefined) return outcome;
    const view = side === 'sq' ? pair.sq : pair.cq;
    const word = side === 'sq' ? pair.sqWord : pair.cqWord;
    for (const step of steps) {
      switch (step.step) {
        case 'publish': {
          const index = step.index(view);
          if (index === undefined) break;
          view.published = index;
          buffers.eventIdx[word] = index;
          outcome.spentNs += this.costs.eventIdxWriteNs;
          this.recorder.eventIdx(pair.qid, side, index, nowNs);
          break;
        }
        case 'reread':
          view.seen = buffers.shadow[word]!;
          pair.lookedNs[side] = nowNs;
          outcome.spentNs += this.costs.shadowReadNs;
          this.recorder.shadowRead(pair.qid, side, view.seen, nowNs);
          break;
        case 'barrier':
          break;
        case 'poll':
          outcome.pollNs = Math.min(outcome.pollNs, step.everyNs);
          break;
        case 'timer':
          outcome.timerNs = Math.min(outcome.timerNs, step.afterNs);
          break;
        default:
          unreachable(step);
      }
    }
    return outcome;
  }
}
