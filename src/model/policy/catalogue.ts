// Every policy that can be named.

import type { CqPolicy, SqPolicy } from './policy.js';
import { cqArmWhenFull, cqFollowHead, cqNever, cqNeverWritten, cqTailMinusOne } from './cq.js';
import { armWhenEmpty, followHead, followTail } from './sq.js';

export const SQ_POLICIES: readonly SqPolicy[] = [followTail, followHead, armWhenEmpty];
export const CQ_POLICIES: readonly CqPolicy[] = [cqNever, cqNeverWritten, cqFollowHead, cqTailMinusOne, cqArmWhenFull];
