import { expect, test } from 'vitest';
import { runOnce } from '../../src/replay/run.js';
import { recordedSubmissions } from '../../src/replay/open-loop.js';
import { KIND } from '../../src/trace/event.js';
import { OFF, ON, type Recording, Recordist, subjectOf } from '../support/capture.js';
import { Scene } from '../support/scene.js';

const DEPTH = 64;
const N = 50;
const GAP_NS = 200_000;

/** Commands `gapNs` apart, each served `serviceNs`, with shadow doorbells off. */
function recorded(gapNs: number): Recording {
  const scene = new Scene().createQueue(1, DEPTH);
  for (let i = 0; i < N; i++) {
    const ns = 1_000_000 + i * gapNs;
    const next = (i + 1) % DEPTH;
    scene.at(ns).sqDoorbell(1, next).at(ns + 20_000).fetch(1, i).at(ns + 80_000).complete(1, i);
    scene.at(ns + 85_000).interrupt({ vector: 1 }).at(ns + 105_000).cqDoorbell(1, next);
  }
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  return recordist.end();
}

function submissionTimes(recording: Recording, configuration = OFF): readonly number[] {
  const subject = { ...subjectOf(recording), submissions: recordedSubmissions(recording.log, recording.part) };
  const times: number[] = [];
  runOnce(subject, configuration, 1, ({ kind, timeNs, length }) => {
    for (let row = 0; row < length; row++) if (kind[row] === KIND['command.setup']) times.push(timeNs[row]!);
  });
  return times;
}

test('every command is submitted at its recorded time, with shadow doorbells off and on', () => {
  const recording = recorded(GAP_NS);
  const wanted = Array.from({ length: N }, (_, i) => i * GAP_NS);
  for (const configuration of [OFF, ON]) expect(submissionTimes(recording, configuration)).toEqual(wanted);
});

test('the closed loop is another: it waits for completions, not for the clock', () => {
  const recording = recorded(GAP_NS);
  const times: number[] = [];
  runOnce(subjectOf(recording), OFF, 1, ({ kind, timeNs, length }) => {
    for (let row = 0; row < length; row++) if (kind[row] === KIND['command.setup']) times.push(timeNs[row]!);
  });
  expect(times).toHaveLength(N);
  expect(times).not.toEqual(submissionTimes(recording));
});

test('submissions keep their sizes, and times count from the first action of the part', () => {
  const recording = recorded(GAP_NS);
  const [submissions] = recordedSubmissions(recording.log, recording.part).values();
  expect([...submissions!.counts]).toEqual(Array.from({ length: N }, () => 1));
  expect(submissions!.timesNs[0]).toBe(0);
});
