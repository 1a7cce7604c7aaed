import { expect, test } from 'vitest';
import { calibrationReport } from '../../src/replay/calibration-report.js';
import { FALLBACK } from '../../src/replay/sampled.js';
import { type Recording, Recordist, readCapture, subjectOf } from '../support/capture.js';
import { Scene } from '../support/scene.js';

function reportOf(recording: Recording): ReturnType<typeof calibrationReport> {
  const { calibration, host, log } = subjectOf(recording);
  return calibrationReport(calibration, host, (place) => log.queues[place]!.qid);
}

test('each step says how many observations it has, and which stand in for none', () => {
  const n = 30;
  const scene = new Scene().createQueue(3, 64);
  for (let i = 0; i < n; i++) {
    const ns = 1_000_000 + i * 200_000;
    scene.at(ns).sqDoorbell(3, i + 1).at(ns + 24_000).fetch(3, i).at(ns + 80_000).complete(3, i);
    scene.at(ns + 85_000).interrupt({ vector: 3 }).at(ns + 105_000).cqDoorbell(3, i + 1);
  }
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  const { steps, queues, host, idleWakes } = reportOf(recordist.end());
  const step = (name: string): (typeof steps)[number] => steps.find((each) => each.step === name)!;
  // One command at a time: no fetch and no completion follows another.
  expect(step('fetch')).toMatchObject({ count: 0, origin: 'default', medianNs: FALLBACK.fetch });
  expect(step('complete')).toMatchObject({ count: 0, origin: 'default', medianNs: FALLBACK.complete });
  expect(step('interrupt')).toMatchObject({ count: n, origin: 'observed', p10Ns: 5_000, medianNs: 5_000, p99Ns: 5_000 });
  expect(step('handler, idle vCPU')).toMatchObject({ count: n, medianNs: 20_000 });
  expect(step('wake').medianNs).toBe(20_000);
  expect(queues).toEqual([{ queue: 3, commands: n, batches: n, batchesComplete: true, batchesInferred: 0, medianBatch: 1, window: 1, windowReached: true, polled: false }]);
  expect(host.threads).toBe('turns');
  expect(idleWakes).toBe(n);
});

test('a real capture: quantiles rise, and every step has a place or stands in', async () => {
  const { steps } = reportOf(await readCapture(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url).pathname));
  expect(steps.filter(({ queue }) => queue !== null).map(({ queue }) => queue)).toEqual([1, 1, 2, 2]);
  for (const { p10Ns, medianNs, p90Ns, p99Ns, count, origin } of steps) {
    expect(p10Ns <= medianNs && medianNs <= p90Ns && p90Ns <= p99Ns).toBe(true);
    expect(count === 0).toBe(origin === 'default');
  }
});
