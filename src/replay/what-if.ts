// A what-if: replays of one recording over several seeds, compared with a baseline, with an interval and a
// self-check.

import type { MmioTotal } from '../metrics/doorbells.js';
import type { Transport } from '../model/transport.js';
import { type Prediction, type Runs, medianRun, predictionOf, saved, totalOf } from './prediction.js';
import type { RunResult } from './measured.js';
import { type Configuration, runOnce } from './run.js';
import { type SelfCheck, type SelfCheckOptions, missOf, selfCheck } from './self-check.js';

export interface WhatIfOptions extends SelfCheckOptions {
  /** What is predicted. The seeds begin at `seed`: run i uses seed + i. */
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

/** Answers a what-if. Deterministic: same options, same result. */
export function whatIf(options: WhatIfOptions): WhatIfResult {
  const { configuration, recorded, recordedConfiguration, part, subject } = options;
  const { shadow } = recordedConfiguration;
  const replayOff = (): MmioTotal => totalOf(medianRun(runAll(options, { ...recordedConfiguration, shadow: false }).likely), part.leftOut);
  const baseline = shadow
    ? { mmio: replayOff(), source: 'replayed with shadow doorbells off' as const }
    : { mmio: recorded, source: 'recorded' as const };
  const again = (seed: number): RunResult => runOnce(subject, configuration, seed, undefined, { measure: true });
  const check = selfCheck(options);
  return {
    baseline,
    predicted: predictionOf(runAll(options, configuration), baseline.mmio, part.leftOut, again, missOf(check, { recorded: shadow, predicted: configuration.shadow })),
    baselines: shadow ? {} : simplePredictors(options),
    selfCheck: check,
    transport: configuration.transport,
  };
}

/** Every second run draws what isn't known anew. */
function runAll({ subject, seed, repeat }: WhatIfOptions, configuration: Configuration): Runs {
  const all = Array.from({ length: repeat }, (_, i) => runOnce(subject, configuration, seed + i, undefined, { vary: i % 2 === 1 }));
  return { likely: all.filter((_, i) => i % 2 === 0), all };
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
