// Every rule of the audit, in the order in which they are listed.

import type { Rule } from './rule.js';
import { ADMIN_RULES } from './rules/admin.js';
import { CAPTURE_RULES } from './rules/capture.js';
import { COMPLETION_RULES } from './rules/completions.js';
import { CONTROLLER_RULES } from './rules/controllers.js';
import { DBBUF_RULES } from './rules/dbbuf.js';
import { DBBUF_MISSING_RULES } from './rules/dbbuf-missing.js';
import { ENTRY_RULES } from './rules/entries.js';
import { EVENTIDX_RULES } from './rules/eventidx.js';
import { FETCH_RULES } from './rules/fetches.js';
import { INTERRUPT_RULES } from './rules/interrupts.js';
import { RING_RULES } from './rules/rings.js';
import { SHADOW_RULES } from './rules/shadow.js';
import { SHADOW_USE_RULES } from './rules/shadow-use.js';
import { STALL_RULES } from './rules/stalls.js';
import { VALUE_RULES } from './rules/values.js';

export const RULES: readonly Rule[] = [
  ...VALUE_RULES,
  ...ENTRY_RULES,
  ...FETCH_RULES,
  ...RING_RULES,
  ...EVENTIDX_RULES,
  ...SHADOW_RULES,
  ...DBBUF_RULES,
  ...DBBUF_MISSING_RULES,
  ...SHADOW_USE_RULES,
  ...STALL_RULES,
  ...COMPLETION_RULES,
  ...INTERRUPT_RULES,
  ...ADMIN_RULES,
  ...CONTROLLER_RULES,
  ...CAPTURE_RULES,
];
