// What multiplies with every event-index policy: the driver's own choices, D1 to D4. Each may be given with a driver's name.

import { ringNeeded, ringNeededInclusive } from '../../nvme/notify.js';
import { type Parameter, type Values, flag, whole } from '../policy/family.js';
import type { AnnounceStep, DriverModel } from './driver.js';

export interface Knob {
  /** Its number in the catalogue. */
  readonly id: string;
  /** Its default stands for "as the driver does it"; that default can't be given. */
  readonly parameter: Parameter;
  readonly provenance: string;
  readonly risk: string;
  readonly turn: (driver: DriverModel, value: number) => DriverModel;
}

const BARRIERS: readonly (AnnounceStep | undefined)[] = [undefined, 'read-barrier', 'full-barrier'];

/** The driver's announcement with that barrier between the shadow store and the EventIdx load, and no other. */
export function withBarrierStep(driver: DriverModel, barrier: AnnounceStep | undefined): DriverModel {
  const bare: readonly AnnounceStep[] = driver.announce.filter((step) => step !== 'full-barrier' && step !== 'read-barrier');
  if (barrier === undefined) return { ...driver, announce: bare };
  return { ...driver, announce: bare.toSpliced(bare.indexOf('load-eventidx'), 0, barrier) };
}

export const KNOBS: readonly Knob[] = [
  {
    id: 'D1',
    parameter: flag('inclusive', '1: ring also when the new value equals EventIdx; 0: only when the update passes it', 0),
    provenance: '0: Linux, SerenityOS, the text of the specification; 1: SPDK, libvfn, the example of the specification',
    risk: 'with 1 a look-ahead rings one entry early and again; neither loses a wake-up where the other doesn\'t, but for one entry of look-ahead',
    turn: (driver, value) => ({ ...driver, ringNeeded: value === 1 ? ringNeededInclusive : ringNeeded }),
  },
  {
    id: 'D2',
    parameter: whole('batch', 'commands that one announcement of the tail carries at most; 1: announce each', 1, [1, 65_535]),
    provenance: 'blk-mq\'s last, SPDK\'s delay_cmd_submit, a fixed number as in ROCm-xio',
    risk: 'a larger batch keeps its first command waiting for its last; here batches are those of the recording, which this can only cut',
    turn: (driver, value) => ({ ...driver, batched: value > 1, batchLimit: value }),
  },
  {
    id: 'D3',
    parameter: whole('cq-batch', 'completions after which the CQ head is announced at the latest; 1: each', 1, [1, 65_535]),
    provenance: 'once per pass in Linux and SPDK (SPDK caps a pass); each in simple drivers',
    risk: 'a smaller number frees entries earlier and rings more often',
    turn: (driver, value) => ({ ...driver, cqBatch: value }),
  },
  {
    id: 'D4',
    parameter: whole('barrier', 'between the shadow store and the EventIdx load: 0 none, 1 a read barrier, 2 a full one', 2, [0, 2]),
    provenance: '0: Linux 4.12 to 4.18, SPDK before September 2019; 1: the proposal of 2014; 2: since',
    risk: '0 and 1 lose wake-ups with every policy that sleeps; only verify shows it, a replay is sequentially consistent',
    turn: (driver, value) => withBarrierStep(driver, BARRIERS[value]),
  },
];

/** The driver with these knobs turned; its name says so. */
export function withKnobs(driver: DriverModel, values: Values): DriverModel {
  const turned = KNOBS.filter(({ parameter }) => values[parameter.name] !== undefined);
  if (turned.length === 0) return driver;
  const name = `${driver.name}:${turned.map(({ parameter }) => `${parameter.name}=${values[parameter.name]}`).join(',')}`;
  return { ...turned.reduce((model, { parameter, turn }) => turn(model, values[parameter.name]!), driver), name };
}
