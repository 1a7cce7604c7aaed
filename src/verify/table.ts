// The verdict table: ten device programs by which side has its full barrier.

import type { DriverModel } from '../model/driver/driver.js';
import type { SqPolicy } from '../model/policy/policy.js';
import { armWhenEmpty, followHead, followTail } from '../model/policy/sq.js';
import type { DriverBarrier } from './announcement.js';
import type { Exploration } from './explore.js';
import type { MemoryModel } from './memory.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from './variants.js';
import { type Bounds, DEFAULT_BOUNDS, verify } from './verify.js';

export interface BarrierSetting {
  readonly name: string;
  readonly driverBarrier: DriverBarrier;
  readonly deviceBarrier: 'full' | 'none';
}

export const BARRIER_SETTINGS: readonly BarrierSetting[] = [
  { name: 'both barriers', driverBarrier: 'full', deviceBarrier: 'full' },
  { name: 'device barrier missing', driverBarrier: 'full', deviceBarrier: 'none' },
  { name: 'driver barrier missing', driverBarrier: 'none', deviceBarrier: 'full' },
  { name: 'both missing', driverBarrier: 'none', deviceBarrier: 'none' },
];

/** The rows, in the order of the table. */
export const TABLE_POLICIES: readonly SqPolicy[] = [followTail, followHead, ...SOUND_VARIANTS.slice(0, 1), armWhenEmpty, ...SOUND_VARIANTS.slice(1), ...FAULTY_VARIANTS];

export interface TableRow {
  readonly policy: SqPolicy;
  /** One for each of BARRIER_SETTINGS. */
  readonly cells: readonly Exploration[];
}

/** Computes the table for one driver and memory model. @param judge verifies each cell */
export function verdictTable(driver: DriverModel, memory: MemoryModel, bounds: Bounds = DEFAULT_BOUNDS, judge: typeof verify = verify): TableRow[] {
  return TABLE_POLICIES.map((policy) => ({
    policy,
    cells: BARRIER_SETTINGS.map(({ driverBarrier, deviceBarrier }) => judge({ policy, driver, driverBarrier, deviceBarrier, memory, stale: false, bounds })),
  }));
}
