// Who makes the runs of a what-if: this thread, or others, to which everything goes as plain values.

import { ensure } from '../base/assert.js';
import type { Transport } from '../model/transport.js';
import { type RunOrder, type RunOutcome, type RunSetting, makeRun } from '../replay/run-plan.js';
import type { RunSubject } from '../replay/run.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';

/** A setting as structured cloning keeps it: configurations by their names. */
export interface SentSetting {
  readonly subject: RunSubject;
  /** What is predicted. */
  readonly names: ConfigurationNames;
  readonly recorded: { readonly shadow: boolean; readonly transport: Transport };
}

/** Makes runs; the outcomes are in the order of the orders. The setting comes in both of its forms. */
export type MakeRuns = (setting: RunSetting, sent: SentSetting, orders: readonly RunOrder[]) => Promise<readonly RunOutcome[]>;

/** In this thread, one after the other. */
export const runsHere: MakeRuns = async (setting, _, orders) => orders.map((order) => makeRun(setting, order));

/** The setting with no more than a run needs of the recording. */
export function sentSetting({ subject, recordedConfiguration }: RunSetting, names: ConfigurationNames): SentSetting {
  const { calibration, host, submissions } = subject;
  const queues = subject.log.queues.map(({ qid, depth, cq }) => ({ qid, depth, cq: { depth: cq.depth } }));
  const { driver, device, policy, cqPolicy, transport, mend, scenario, shadow } = names;
  return {
    subject: { calibration, host, log: { queues }, ...(submissions === undefined ? {} : { submissions }) },
    names: { shadow, driver, device, policy, cqPolicy, transport, mend, scenario },
    recorded: { shadow: recordedConfiguration.shadow, transport: recordedConfiguration.transport },
  };
}

/** Makes runs of the setting that was sent last. */
export class RunMaker {
  private setting: RunSetting | undefined;

  take({ subject, names, recorded }: SentSetting): void {
    this.setting = {
      subject,
      configuration: configurationOf(names, recorded.transport),
      recordedConfiguration: { ...configurationOf({ shadow: recorded.shadow }), transport: recorded.transport },
    };
  }

  run(order: RunOrder): RunOutcome {
    return makeRun(ensure(this.setting, 'the setting of the runs'), order);
  }
}
