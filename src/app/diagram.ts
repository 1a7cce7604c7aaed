// A counterexample as a sequence diagram.

import { type Sequence, sequenceChart } from '../charts/sequence.js';
import { writeNewFile } from './new-file.js';
import { type PictureOptions, chartContent, imagesOf } from './picture.js';
import type { PolicyVerdict, VerifyResult } from './verify.js';

const LANES = ['driver', 'device'];
/** What reaches the other side. */
const ARRIVES = new Set(['visible', 'ring']);
const QUIET = new Set(['visible', 'early-load']);

/** The diagram of a policy's counterexample. */
export function diagramOf({ policy, side, verdict, reason, start, counterexample }: PolicyVerdict, { driver, driver_barrier: barrier, device_barrier: deviceBarrier, memory }: VerifyResult): Sequence {
  return {
    title: `${policy} (${side.toUpperCase()}) with ${driver}: ${verdict} under ${memory}`,
    start: `${start}; driver barrier ${barrier}, device barriers ${deviceBarrier}`,
    lanes: LANES,
    steps: counterexample.map(({ step, thread, action, text }) => {
      const lane = LANES.indexOf(thread);
      return { step, lane, text, ...(ARRIVES.has(action) ? { reaches: 1 - lane } : {}), ...(QUIET.has(action) ? { quiet: true } : {}) };
    }),
    end: reason,
  };
}

/** Writes the first counterexample of the result into each file; false when there is none. Throws a usageError when a file is there and `force` doesn't say to replace it. */
export async function writeDiagram(result: VerifyResult, picture: PictureOptions, force: boolean): Promise<boolean> {
  const images = imagesOf(picture);
  const found = result.policies.find(({ counterexample }) => counterexample.length > 0);
  if (found === undefined) return false;
  const chart = sequenceChart(diagramOf(found, result), images);
  for (const path of picture.outputs) await writeNewFile(path, await chartContent([chart], chart.title, path, picture.toolVersion), force);
  return true;
}
