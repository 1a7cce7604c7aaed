// Policies of the catalogue by what is known of them.

import { CQ_FAMILIES, SQ_FAMILIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { type Values, instance } from '../../src/model/policy/family.js';
import type { CqPolicy, SqPolicy } from '../../src/model/policy/policy.js';

const of = <T extends { readonly id: string }>(all: readonly T[], id: string): T => all.find((entry) => entry.id === id)!;

/** A submission queue's policy by its number. */
export const sqPolicy = (id: string, values?: Values): SqPolicy => instance(of(SQ_FAMILIES, id), values);
export const cqPolicy = (id: string, values?: Values): CqPolicy => instance(of(CQ_FAMILIES, id), values);

const pick = <T extends { readonly id: string }>(all: readonly T[], ids: readonly string[]): readonly T[] => ids.map((id) => of(all, id));

/** Ring once for each announcement that finds the device asleep. */
export const EXACT_SQ = pick(SQ_POLICIES, ['P1', 'P5', 'P6', 'P7', 'P8', 'P9', 'P15', 'P19']);
/** Depend on the driver's barrier and on words that a reset clears: they sleep without polling or a timer. */
export const SLEEPING_SQ = [...EXACT_SQ, ...pick(SQ_POLICIES, ['P13', 'P16', 'P17', 'P18'])];
/** With its defaults this one loses wake-ups: it doesn't look again. */
export const LOSING_SQ = of(SQ_POLICIES, 'P14');
/** Lose no wake-up where driver and device have their barriers. */
export const ROBUST_SQ: readonly SqPolicy[] = [...SQ_POLICIES.filter((policy) => policy !== LOSING_SQ), sqPolicy('P14', { reread: 1 })];
/** Set timers for as long as work is left, also where it stands still for good. */
export const TIMED_SQ = ['P9', 'P10', 'P11', 'P12', 'P20'];
