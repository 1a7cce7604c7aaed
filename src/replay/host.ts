// The host that a recording was made on, as the model sees it: how many cores the virtual machine's threads really
// had, and how the main loop's work weighs against the vCPUs'. Neither stands in the capture; both shape it.

import { Rng } from '../base/rng.js';
import { SpareCore } from '../model/spare-core.js';
import type { HostOptions } from '../model/thread.js';

export interface HostFit {
  readonly cores: number;
  /** See HostOptions.loopWeight. */
  readonly loopWeight: number;
  /** Share of the time that the threads have one more core, 0 to 1; 0 when left out. */
  readonly spareShare?: number;
}

// Constants of the scheduler that captures don't identify. They were set once, on captures of shadow doorbells off,
// and the result depends little on them: see docs/model.md.
const BALANCE_SCALE_NS = 150_000;
const BALANCE_LIMIT_NS = 1_500_000;
const QUANTUM_NS = 3_000_000;

/** The scheduler of one run. */
export function sampledHost(fit: HostFit, seed: number): HostOptions {
  const rng = new Rng(seed, 'host');
  return {
    cores: fit.cores,
    spareCore: spareCore(fit, seed),
    loopWeight: fit.loopWeight,
    balanceScaleNs: BALANCE_SCALE_NS,
    balanceLimitNs: BALANCE_LIMIT_NS,
    quantumNs: QUANTUM_NS,
    backendOnLoopCore: fit.cores === 1,
    draw: () => rng.unit(),
  };
}

function spareCore({ spareShare = 0 }: HostFit, seed: number): SpareCore | undefined {
  if (spareShare === 0) return undefined;
  const rng = new Rng(seed, 'spare core');
  return new SpareCore(spareShare, () => rng.unit());
}
