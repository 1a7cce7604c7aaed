// One queue side as a device sees it through the shadow doorbells: runs the steps of an event-index policy.

import { fail } from '../../base/assert.js';
import type { Side } from '../../nvme/doorbell.js';
import type { Costs } from '../costs.js';
import type { Hazards } from '../hazards.js';
import type { DoorbellBuffers } from '../memory.js';
import { type CqPolicy, REREAD, type SqPolicy, durationNs } from '../policy/policy.js';
import type { QueuePair } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import { type PreparedPrograms, STEP, type Steps, prepared } from './prepared.js';

/** What the steps ask of the device besides memory accesses. */
export interface StepOutcome {
  /** Time spent, in ns. */
  spentNs: number;
  /** Stay awake and look again every so often, in ns; Infinity when no step asked for it. */
  pollNs: number;
  /** For this long at most. */
  pollForNs: number;
  /** Sleep at most this long, in ns; Infinity when no step asked for it. */
  timerNs: number;
  /** End the pass with what is left in the queue. */
  stops: boolean;
  /** Begin a pass. */
  looks: boolean;
}

/** What no steps ask for. */
const NOTHING: Readonly<StepOutcome> = { spentNs: 0, pollNs: Infinity, pollForNs: Infinity, timerNs: Infinity, stops: false, looks: false };

/** Nobody looks more often than this: a policy that asks for less would stop the model's clock. */
const SHORTEST_NS = 1;

export interface PolicyRunnerOptions {
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  /** Undefined until Doorbell Buffer Config: then every step is skipped. */
  readonly buffers: DoorbellBuffers | undefined;
  readonly costs: Costs;
  readonly recorder: Recorder;
  readonly hazards: Hazards;
}

/** Runs policy steps for one device. Without buffers (shadow doorbells off) every step is skipped. */
export class PolicyRunner {
  /** What the policies do on either queue, by the point of the device's work. */
  readonly sq: PreparedPrograms['sq'];
  readonly cq: PreparedPrograms['cq'];
  /** Reads the shadow doorbell, and nothing else. */
  readonly look: Steps = prepared([REREAD]);
  private readonly options: PolicyRunnerOptions;
  private readonly outcome: StepOutcome = { spentNs: 0, pollNs: Infinity, pollForNs: Infinity, timerNs: Infinity, stops: false, looks: false };
  private buffers: DoorbellBuffers | undefined;

  constructor(options: PolicyRunnerOptions) {
    this.options = options;
    this.buffers = options.buffers;
    const { program: sq } = options.sqPolicy;
    const { program: cq } = options.cqPolicy;
    this.sq = { onStart: prepared(sq.onStart), onCommand: prepared(sq.onCommand), onEmpty: prepared(sq.onEmpty), onComplete: prepared(sq.onComplete) };
    this.cq = { onConfig: prepared(cq.onConfig), onPost: prepared(cq.onPost), onFull: prepared(cq.onFull) };
  }

  /** The device takes buffers, or forgets those that it has. */
  use(buffers: DoorbellBuffers | undefined): void {
    this.buffers = buffers;
  }

  get hasBuffers(): boolean {
    return this.buffers !== undefined;
  }

  /** The driver's value of a queue side as a look would find it, which costs nothing here. */
  peek(pair: QueuePair, side: Side): number {
    if (this.buffers === undefined) return side === 'sq' ? pair.sq.seen : pair.cq.seen;
    return this.buffers.shadow[side === 'sq' ? pair.sqWord : pair.cqWord]!;
  }

  /** Whether the shadow doorbell says something that the device hasn't read. */
  isNews(pair: QueuePair, side: Side): boolean {
    return this.peek(pair, side) !== (side === 'sq' ? pair.sq.seen : pair.cq.seen);
  }

  /** Runs the steps at one instant. The outcome is reused by the next call. */
  run(steps: Steps, pair: QueuePair, side: Side, nowNs: number): Readonly<StepOutcome> {
    const { outcome, buffers } = this;
    if (buffers === undefined || steps.length === 0) return NOTHING;
    const { costs, hazards, recorder } = this.options;
    outcome.spentNs = 0;
    outcome.pollNs = Infinity;
    outcome.pollForNs = Infinity;
    outcome.timerNs = Infinity;
    outcome.stops = false;
    outcome.looks = false;
    const view = side === 'sq' ? pair.sq : pair.cq;
    const word = side === 'sq' ? pair.sqWord : pair.cqWord;
    view.nowNs = nowNs;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.when !== undefined && !step.when(view)) continue;
      switch (step.kind) {
        case STEP.publish: {
          const index = step.value(view);
          if (index === undefined) break;
          view.published = index;
          buffers.eventIdx[word] = index;
          outcome.spentNs += costs.eventIdxWriteNs;
          recorder.eventIdx(pair.qid, side, index, nowNs);
          break;
        }
        case STEP.reread: {
          const value = buffers.shadow[word]!;
          pair.looked(side, nowNs);
          // No device should follow such a value. QEMU does, and fetches the whole ring over and over.
          if (value < view.depth) view.seen = value;
          else hazards.add('shadow value outside the ring', pair.qid, nowNs);
          outcome.spentNs += costs.shadowReadNs;
          recorder.shadowRead(pair.qid, side, value, nowNs);
          break;
        }
        case STEP.poll:
          outcome.pollNs = Math.max(Math.min(outcome.pollNs, durationNs(step.durationNs, view)), SHORTEST_NS);
          outcome.pollForNs = Math.max(Math.min(outcome.pollForNs, durationNs(step.longestNs, view)), SHORTEST_NS);
          break;
        case STEP.timer:
          outcome.timerNs = Math.max(Math.min(outcome.timerNs, durationNs(step.durationNs, view)), SHORTEST_NS);
          break;
        case STEP.set:
        case STEP.measure:
          view.state[step.register] = step.value(view)!;
          break;
        case STEP.time:
          view.times[step.register] = step.value(view)!;
          break;
        case STEP.stop:
          outcome.stops = true;
          return outcome;
        case STEP.look:
          outcome.looks = true;
          break;
        default:
          fail(`a step of kind ${step.kind}`);
      }
    }
    return outcome;
  }
}
