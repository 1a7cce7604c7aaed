// A counterexample as a sequence diagram.

import { usageError } from '../base/errors.js';
import { type Sequence, sequenceSvg } from '../charts/sequence.js';
import { NewFile } from './new-file.js';
import type { PolicyVerdict, VerifyResult } from './verify.js';

const LANES = ['driver', 'device'];
/** What reaches the other side. */
const ARRIVES = new Set(['visible', 'ring']);
const QUIET = new Set(['visible', 'early-load']);

/** The diagram of a policy's counterexample. */
export function diagramOf({ policy, side, verdict, reason, start, counterexample }: PolicyVerdict, { driver, driver_barrier: barrier, device_barrier: deviceBarrier, memory }: VerifyResult): Sequence {
  return {
    title: `${policy} (${side.toUpperCase()}) with ${driver}: ${verdict} under ${memory}, driver barrier ${barrier}, device barriers ${deviceBarrier}`,
    start,
    lanes: LANES,
    steps: counterexample.map(({ step, thread, action, text }) => {
      const lane = LANES.indexOf(thread);
      return { step, lane, text, ...(ARRIVES.has(action) ? { reaches: 1 - lane } : {}), ...(QUIET.has(action) ? { quiet: true } : {}) };
    }),
    end: reason,
  };
}

/** Writes the first counterexample of the result; false when there is none. Throws a usageError when the file is there and `force` doesn't say to replace it. */
export async function writeDiagram(result: VerifyResult, path: string, force: boolean): Promise<boolean> {
  if (!path.endsWith('.svg')) throw usageError(`--diagram ${path}: a diagram is an SVG file`, ['Name it FILE.svg.']);
  const found = result.policies.find(({ counterexample }) => counterexample.length > 0);
  if (found === undefined) return false;
  const file = await NewFile.begin(path, force);
  try {
    await file.write(Buffer.from(sequenceSvg(diagramOf(found, result))));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
  return true;
}
