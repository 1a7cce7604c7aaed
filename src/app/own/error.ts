// Mistakes of a user's policy.

import { BellwetherError, EXIT } from '../../base/errors.js';

/** A mistake of the policy, or in how it was given: exit code 3. */
export function ownPolicyError(spec: string, message: string, cause?: unknown): BellwetherError {
  return new BellwetherError('E_POLICY', EXIT.input, `policy ${spec} ${message}`, { cause });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
