// A part of a recording, cut out by time: two parts side by side say together what the whole says.

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { configurationOf } from '../../src/app/catalogue.js';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import { ACTION, type ActionLog } from '../../src/replay/action-log.js';
import { writeTimes } from '../../src/replay/run.js';
import { type EventBatch, EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { type Recording, Recordist } from '../support/capture.js';
import { Scene } from '../support/scene.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/qemu-log');

async function batchesOf(name: string): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  await decodeSource(await openSource(join(FIXTURES, name)), { writer: new EventWriter((batch) => batches.push(structuredClone(batch))), tally: new Tally() });
  return batches;
}

/** @param part see ActionLog */
function recordingOf(batches: readonly EventBatch[], shadow: boolean, ...part: ConstructorParameters<typeof ActionLog>): Recording {
  const recordist = new Recordist(...part);
  for (const batch of batches) recordist.push(batch);
  return recordist.end(writeTimes(configurationOf({ shadow })));
}

/** What the log says of the commands under way before a time, counted from its rows. */
function outstandingBefore({ log, part }: Recording, timeNs: number): number {
  let outstanding = 0;
  for (let row = part.from; row < part.to && log.timeNs[row]! < timeNs; row++) {
    if (log.action[row] === ACTION.announce) outstanding += log.count[row]!;
    else if (log.action[row] === ACTION.reap) outstanding -= log.count[row]!;
  }
  return outstanding;
}

describe.each([
  { name: 'randread32-off-1.qemu.log.gz', shadow: false },
  { name: 'randread32-on-1.qemu.log.gz', shadow: true },
])('$name', ({ name, shadow }) => {
  let batches: readonly EventBatch[];
  let whole: Recording;
  let fromNs: number;
  let toNs: number;

  beforeAll(async () => {
    batches = await batchesOf(name);
    const { log, part } = recordingOf(batches, shadow);
    fromNs = log.timeNs[part.from]!;
    toNs = log.timeNs[part.to - 1]! + 1;
    whole = recordingOf(batches, shadow, { fromNs, toNs });
  });

  test.each([0.2, 0.37, 0.5, 0.71, 0.9])('cut at %d of its actions', (share) => {
    const cutNs = whole.log.timeNs[Math.floor(whole.log.length * share)]!;
    const first = recordingOf(batches, shadow, { fromNs, toNs: cutNs });
    const second = recordingOf(batches, shadow, { fromNs: cutNs, toNs });
    const sum = (of: (recording: Recording) => number): number => of(first) + of(second);
    expect(first.log.length + second.log.length).toBe(whole.log.length);
    for (const side of ['sq', 'cq'] as const) expect(sum(({ log }) => log.counts().mmio[side])).toBe(whole.log.counts().mmio[side]);
    expect(sum(({ log }) => log.counts().commands)).toBe(whole.log.counts().commands);

    const underWay = outstandingBefore(whole, cutNs);
    expect(underWay).toBeGreaterThan(0);
    expect(first.part.edges!.end.of(first.part.queues).outstanding).toBe(underWay);
    expect(second.part.edges!.start.of(second.part.queues).outstanding).toBe(underWay);
    expect(first.part.edges!.start.of(first.part.queues).outstanding).toBe(0);
    expect(second.part.edges!.end.of(second.part.queues).outstanding).toBe(0);

    // What hangs on the commands under way: which submissions found the device idle, and how far the submitters go.
    expect(sum(({ calibration }) => calibration.idleWakes)).toBe(whole.calibration.idleWakes);
    for (const { place, commands, batches: sizes, batchesComplete, window } of whole.calibration.queues) {
      const parts = [first, second].map(({ calibration }) => calibration.queues.find((queue) => queue.place === place)!);
      expect(parts.reduce((all, queue) => all + queue.commands, 0)).toBe(commands);
      // With shadow doorbells on they are inferred from what is usual in each part.
      if (batchesComplete && !shadow) expect(parts.flatMap((queue) => queue.batches)).toEqual(sizes);
      for (const queue of parts) expect(queue.window).toBe(window);
    }
  });

  test('of no part more commands are under way than the queues hold', () => {
    const times = Array.from({ length: 40 }, (_, i) => fromNs + ((toNs - fromNs) * i) / 40);
    for (const [i, beginNs] of times.entries()) {
      const { part } = recordingOf(batches, shadow, { fromNs: beginNs, toNs: times[i + 1] ?? toNs });
      for (const edge of [part.edges!.start, part.edges!.end]) {
        const { outstanding, unfetched, unreaped, inDevice } = edge.of(part.queues);
        // fio's two jobs keep 32 commands outstanding each. A silent pass over the CQ is seen late.
        expect(outstanding).toBeLessThanOrEqual(shadow ? 128 : 64);
        expect(unfetched + unreaped + [...inDevice.values()].reduce((all, count) => all + count, 0)).toBe(outstanding);
      }
    }
  });
});

describe('a log that holds fewer actions than there are', () => {
  const scene = new Scene().createQueue(1, 8);
  for (let i = 0; i < 6; i++) scene.at(100 * i + 10).sqDoorbell(1, (i + 1) % 8).at(100 * i + 20).fetch(1, i).at(100 * i + 30).complete(1, i).at(100 * i + 40).cqDoorbell(1, (i + 1) % 8);

  test('ends where it was full, and counts what it holds', () => {
    const recordist = new Recordist(undefined, 4 * 2 + 1);
    scene.play((batch) => recordist.push(batch));
    const { log, part } = recordist.end();
    expect([log.length, log.dropped]).toEqual([9, 4 * 6 - 9]);
    expect(log.cut).toEqual({ fromNs: 0, toNs: 220 });
    expect(log.counts()).toEqual({ commands: 2, mmio: { sq: 3, cq: 2, total: 5 } });
    expect(part.edges!.end.of([0])).toMatchObject({ outstanding: 1, unfetched: 1 });
  });

  test('a whole one is not cut', () => {
    const recordist = new Recordist();
    scene.play((batch) => recordist.push(batch));
    const { log, part } = recordist.end();
    expect([log.cut, part.edges, log.dropped]).toEqual([undefined, undefined, 0]);
  });

  test('what is fetched in it and was announced before is not taken for what was announced in it', () => {
    const FLUSH = 0x00;
    const late = new Scene().createQueue(1, 16).at(10).sqDoorbell(1, 2).at(40).fetch(1, 0).at(41).fetch(1, 1);
    for (const [i, opcode] of [0x02, FLUSH, 0x02, 0x02].entries()) late.at(100 * (i + 1)).sqDoorbell(1, 3 + i).at(100 * (i + 1) + 10).fetch(1, 2 + i, opcode);
    const recordist = new Recordist({ fromNs: 30, toNs: Infinity });
    late.play((batch) => recordist.push(batch));
    const { queues: [queue] } = recordist.end().calibration;
    expect(queue).toMatchObject({ batches: [1, 1, 1, 1], batchOpcodes: [-1, FLUSH, -1, -1] });
  });

  test('special commands that were in the device when it began are known by their opcodes', () => {
    const flushed = new Scene().createQueue(1, 8).at(10).sqDoorbell(1, 2).at(20).fetch(1, 1, 0x00).at(21).fetch(1, 2, 0x02).at(50).complete(1, 1).at(60).complete(1, 2).at(70).cqDoorbell(1, 2);
    const recordist = new Recordist({ fromNs: 30, toNs: Infinity });
    flushed.play((batch) => recordist.push(batch));
    expect(recordist.end().part.edges!.start.of([0]).inDevice).toEqual(new Map([[0x00, 1], [0x02, 1]]));
  });
});
