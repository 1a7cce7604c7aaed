import { join } from 'node:path';
import { expect, test } from 'vitest';
import { giveUp } from '../../src/app/give-up.js';
import { runOnce } from '../../src/replay/run.js';
import { shared } from '../../src/replay/shared.js';
import { ON, readCapture, subjectOf } from '../support/capture.js';
import { NOTHING, QUEUE } from '../support/calibration.js';

test('runs draw the same from a calibration in shared memory, with and without what is drawn anew', async () => {
  const recording = await readCapture(join(import.meta.dirname, '../../fixtures/qemu-log/randread32-off-1.qemu.log.gz'));
  const subject = subjectOf(recording);
  const inShared = { ...subject, calibration: shared(subject.calibration) };
  for (const vary of [false, true]) expect(runOnce(inShared, ON, 7, undefined, { vary })).toEqual(runOnce(subject, ON, 7, undefined, { vary }));
});

test('its numbers are the same, in memory that threads share; what is there already stays', () => {
  const special = [{ opcode: 0, serviceNs: [4, 5] }];
  const once = shared({ ...NOTHING, fetchNs: [1.5, 2], queues: [{ ...QUEUE, batches: [3, 1, 65_535], batchOpcodes: [-1, 0, 255] }], special });
  expect(Array.from(once.fetchNs)).toEqual([1.5, 2]);
  expect(Array.from(once.queues[0]!.batches)).toEqual([3, 1, 65_535]);
  expect(Array.from(once.queues[0]!.batchOpcodes)).toEqual([-1, 0, 255]);
  expect(Array.from(once.special[0]!.serviceNs)).toEqual([4, 5]);
  for (const list of [once.fetchNs, once.queues[0]!.thinkAfterSubmitNs, once.queues[0]!.batches]) expect((list as Float64Array).buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shared(once).fetchNs).toBe(once.fetchNs);
  expect(structuredClone(once)).toEqual(once);
});

test('a buffer that is given up is empty', () => {
  const numbers = new Float64Array(1000);
  giveUp([numbers.buffer]);
  expect(numbers).toHaveLength(0);
});
