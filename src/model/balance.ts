// Who has had more of a shared core, vCPUs or the main loop; it decides how likely the loop, when it wakes, takes a core from a vCPU.

import type { HostOptions, ThreadRole } from './thread.js';

export class Balance {
  private readonly options: HostOptions;
  /** CPU time that vCPUs had more than the main loop, weighted and bounded, in ns. */
  private balanceNs = 0;

  constructor(options: HostOptions) {
    this.options = options;
  }

  /** A thread ran for so long. */
  ran(role: ThreadRole, ranNs: number): void {
    if (ranNs === 0) return;
    const { loopWeight, balanceLimitNs } = this.options;
    const gained = role === 'vcpu' ? ranNs : -loopWeight * ranNs;
    this.balanceNs = Math.min(Math.max(this.balanceNs + gained, -balanceLimitNs), balanceLimitNs);
  }

  /** Whether the loop preempts a vCPU now: drawn anew each time. */
  preempts(): boolean {
    const { balanceScaleNs, draw } = this.options;
    return draw() < 1 / (1 + Math.exp(-this.balanceNs / balanceScaleNs));
  }
}
