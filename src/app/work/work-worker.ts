// The working thread. Started by work-thread.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { ensure, unreachable } from '../../base/assert.js';
import type { CqPolicy, SqPolicy } from '../../model/policy/policy.js';
import { failureOf } from '../decode-messages.js';
import { isOwn, loadOwn } from '../own/load.js';
import { withoutChance } from '../own/no-chance.js';
import { Watch } from '../own/watch.js';
import { replay } from '../replay.js';
import { RunMaker } from '../runs.js';
import { CellRunner } from '../sweep/cell.js';
import { prepareTrace } from '../sweep/prepared.js';
import { verifyPolicies } from '../verify.js';
import type { Order, WorkMessage, WorkerStart } from './orders.js';

const port = ensure(parentPort, 'port of the thread that gives the orders');
const { watch: memory } = workerData as WorkerStart;

function tell(message: WorkMessage): void {
  port.postMessage(message);
}

const watch = new Watch(memory, (places) => tell({ is: 'places', places }));
withoutChance(watch);
const cells = new CellRunner();
const runs = new RunMaker();
/** Policies of files by their specs: loaded once. */
const loaded = new Map<string, SqPolicy | CqPolicy>();

async function own(flag: string, side: 'sq' | 'cq' | undefined, spec: string | undefined): Promise<SqPolicy | CqPolicy | undefined> {
  if (!isOwn(spec)) return undefined;
  const known = loaded.get(`${side} ${spec}`);
  if (known !== undefined) return known;
  const policy = await loadOwn(flag, side, spec, watch);
  loaded.set(`${side} ${spec}`, policy);
  return policy;
}

async function work(order: Order): Promise<unknown> {
  switch (order.is) {
    case 'replay': {
      const { options } = order;
      const policy = (await own('--policy', 'sq', options.policy)) as SqPolicy | undefined;
      const cqPolicy = (await own('--cq-policy', 'cq', options.cqPolicy)) as CqPolicy | undefined;
      return replay({ ...options, policy: policy ?? options.policy, cqPolicy: cqPolicy ?? options.cqPolicy });
    }
    case 'verify': {
      const { options } = order;
      return verifyPolicies({ ...options, policy: (await own('POLICY', options.side, options.policy)) ?? options.policy });
    }
    case 'prepare':
      return prepareTrace(order.order);
    case 'take':
      return cells.take(order.trace, order.prepared);
    case 'cell': {
      const { policy: spec, cqPolicy: cqSpec } = order.order;
      const policy = (await own('--policies', 'sq', spec)) as SqPolicy | undefined;
      const cqPolicy = (await own('--cq-policies', 'cq', cqSpec)) as CqPolicy | undefined;
      return cells.run(order.order, policy, cqPolicy);
    }
    case 'take setting':
      return runs.take(order.setting);
    case 'run':
      return runs.run(order.order);
    default:
      return unreachable(order);
  }
}

port.on('message', (order: Order) => {
  work(order).then(
    (result) => tell({ is: 'done', result }),
    (error: unknown) => tell({ is: 'failed', failure: failureOf(error) }),
  );
});
