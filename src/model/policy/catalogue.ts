// Every policy that can be named: P0 to P20 for submission queues, C1 to C8 and P2 for completion queues.

import * as cq from './cq.js';
import { type CqFamily, type SqFamily, instance } from './family.js';
import type { CqPolicy, SqPolicy } from './policy.js';
import * as ahead from './sq-ahead.js';
import * as exact from './sq-exact.js';
import * as polled from './sq-polled.js';

export const SQ_FAMILIES: readonly SqFamily[] = [
  exact.off,
  exact.everyUpdate,
  polled.neverWritten,
  polled.sentinel,
  polled.trailByOne,
  exact.followTailFamily,
  exact.followHeadFamily,
  exact.followHeadBatched,
  exact.armWhenEmptyFamily,
  exact.boundedReArm,
  ahead.lookAhead,
  ahead.depthFraction,
  ahead.outstandingFraction,
  ahead.halfThenArm,
  ahead.depthGated,
  ahead.inFlightCap,
  polled.pollThenArm,
  polled.adaptivePoll,
  polled.rateSwitch,
  ahead.occupancySwitch,
  polled.fixedSweep,
];

export const CQ_FAMILIES: readonly CqFamily[] = [
  cq.cqNeverFamily,
  cq.cqFollowHeadFamily,
  cq.cqTailMinusOneFamily,
  cq.cqNearFull,
  cq.cqArmWhenFullFamily,
  cq.cqHalfDepth,
  cq.cqTrailByOne,
  cq.cqReserve,
  cq.cqNeverWrittenFamily,
];

/** Each with its defaults. */
export const SQ_POLICIES: readonly SqPolicy[] = SQ_FAMILIES.map((family) => instance(family));
export const CQ_POLICIES: readonly CqPolicy[] = CQ_FAMILIES.map((family) => instance(family));
