// The runs that a what-if is made of, each once however often it is needed, and how one of them is made.

import { IdleWakeCounter } from './idle-wakes.js';
import type { RunResult } from './measured.js';
import { type Configuration, type RunSubject, runOnce } from './run.js';

/** Whose configuration a run has. */
export type RunOf = 'recorded' | 'recorded, shadow off' | 'predicted';

/** One run. Plain data. */
export interface RunOrder {
  readonly of: RunOf;
  readonly seed: number;
  /** Draw anew what the recording can't tell. */
  readonly vary: boolean;
  /** Count submissions to an idle device, for which the run's events are followed once more. */
  readonly countsIdleWakes?: boolean;
}

export interface RunOutcome {
  readonly run: RunResult;
  readonly idleWakes: number | undefined;
}

/** What the runs of a what-if have in common. */
export interface RunSetting {
  readonly subject: RunSubject;
  /** What is predicted. */
  readonly configuration: Configuration;
  readonly recordedConfiguration: Configuration;
}

/** Makes one run. */
export function makeRun(setting: RunSetting, { of, seed, vary, countsIdleWakes = false }: RunOrder): RunOutcome {
  const counter = countsIdleWakes ? new IdleWakeCounter() : undefined;
  const run = runOnce(setting.subject, configurationFor(setting, of), seed, counter?.consume, { vary });
  return { run, idleWakes: counter?.result() };
}

function configurationFor({ configuration, recordedConfiguration }: RunSetting, of: RunOf): Configuration {
  if (of === 'predicted') return configuration;
  return of === 'recorded' ? recordedConfiguration : { ...recordedConfiguration, shadow: false };
}

/** Collects the runs that are needed. */
export class RunPlan {
  readonly orders: RunOrder[] = [];
  private readonly predictedIs: RunOf;

  constructor(setting: RunSetting) {
    const same = (['recorded', 'recorded, shadow off'] as const).find((of) => areEqual(configurationFor(setting, of), setting.configuration));
    this.predictedIs = same ?? 'predicted';
  }

  /** The place in `orders` of a run: of an earlier one, if that is the same. */
  need(order: RunOrder): number {
    const of = order.of === 'predicted' ? this.predictedIs : order.of;
    const found = this.orders.findIndex((other) => other.of === of && other.seed === order.seed && other.vary === order.vary);
    return found === -1 ? this.orders.push({ ...order, of }) - 1 : found;
  }
}

/** Whether two configurations give the same runs. */
function areEqual(a: Configuration, b: Configuration): boolean {
  const parts = ['shadow', 'driver', 'device', 'sqPolicy', 'cqPolicy'] as const;
  return parts.every((part) => a[part] === b[part]) && JSON.stringify([a.transport, a.scenario]) === JSON.stringify([b.transport, b.scenario]);
}
