// A what-if: replays of one recording over several seeds, compared with a baseline, with an interval and a
// self-check. What is to be run is planned first, so that several threads can share the runs.

import type { MmioTotal } from '../metrics/doorbells.js';
import type { Transport } from '../model/transport.js';
import { type Prediction, medianRun, predictionOf, saved, totalOf } from './prediction.js';
import { type RunOrder, type RunOutcome, RunPlan, makeRun } from './run-plan.js';
import { type Configuration, runOnce } from './run.js';
import { type SelfCheck, type SelfCheckOptions, missOf, planSelfCheck } from './self-check.js';

export interface WhatIfOptions extends SelfCheckOptions {
  /** What is predicted. */
  readonly configuration: Configuration;
}

export interface WhatIfResult {
  readonly baseline: { readonly mmio: MmioTotal; readonly source: 'recorded' | 'replayed with shadow doorbells off' };
  readonly predicted: Prediction;
  /** Saved fraction by predictors that need no model, for comparison; empty unless the recording has shadow doorbells off. */
  readonly baselines: Readonly<Record<string, number>>;
  readonly selfCheck: SelfCheck;
  /** How register writes reached the device in the prediction. */
  readonly transport: Transport;
}

/** The runs of a what-if, and what follows from them. Deterministic: same options, same runs, same result. */
export interface WhatIfPlan {
  readonly orders: readonly RunOrder[];
  /** @param outcomes of the orders, in their order */
  readonly resultOf: (outcomes: readonly RunOutcome[]) => WhatIfResult;
}

/** Plans a what-if. The seeds begin at `seed`: run i uses seed + i. */
export function planWhatIf(options: WhatIfOptions): WhatIfPlan {
  const { configuration, recorded, recordedConfiguration, part, repeat, seed, subject } = options;
  const plan = new RunPlan(options);
  const check = planSelfCheck(options, plan);
  // Every second run draws what isn't known anew.
  const predicted = Array.from({ length: repeat }, (_, i) => plan.need({ of: 'predicted', seed: seed + i, vary: i % 2 === 1 }));
  // Of a recording with shadow doorbells on nobody knows how many register writes there would have been: most likely, that is.
  const off = recordedConfiguration.shadow ? predicted.flatMap((_, i) => (i % 2 === 0 ? [plan.need({ of: 'recorded, shadow off', seed: seed + i, vary: false })] : [])) : [];
  const resultOf: WhatIfPlan['resultOf'] = (outcomes) => {
    const runs = predicted.map((at) => outcomes[at]!.run);
    const likely = runs.filter((_, i) => i % 2 === 0);
    const baseline = recordedConfiguration.shadow
      ? { mmio: totalOf(medianRun(off.map((at) => outcomes[at]!.run)), part.leftOut), source: 'replayed with shadow doorbells off' as const }
      : { mmio: recorded, source: 'recorded' as const };
    const selfCheck = check(outcomes);
    const miss = missOf(selfCheck, { recorded: recordedConfiguration.shadow, predicted: configuration.shadow, fitted: !subject.calibration.parallel });
    const of = { likely, varied: runs.filter((_, i) => i % 2 === 1), all: runs };
    return {
      baseline,
      predicted: predictionOf(of, baseline.mmio, part.leftOut, (medianSeed) => runOnce(subject, configuration, medianSeed, undefined, { measure: true }), miss),
      baselines: recordedConfiguration.shadow ? {} : simplePredictors(options),
      selfCheck,
      transport: configuration.transport,
    };
  };
  return { orders: plan.orders, resultOf };
}

/** Answers a what-if, in this thread. */
export function whatIf(options: WhatIfOptions): WhatIfResult {
  const { orders, resultOf } = planWhatIf(options);
  return resultOf(orders.map((order) => makeRun(options, order)));
}

/**
 * Predictors that need one pass over a recording with shadow doorbells off. An announcement that finds the device
 * idle must ring under every exact policy; a pass over the CQ rings at most once.
 */
function simplePredictors({ subject, recorded, part }: WhatIfOptions): Readonly<Record<string, number>> {
  const { idleWakes, mmio } = subject.calibration;
  const leftOut = part.leftOut.mmio.sq + part.leftOut.mmio.cq;
  const fraction = (rings: number): number => saved(rings + leftOut, recorded.total);
  return {
    'twice the idle wakes': fraction(2 * idleWakes),
    'idle wakes and CQ passes': fraction(idleWakes + mmio.cq),
    'twice the CQ passes': fraction(2 * mmio.cq),
  };
}
