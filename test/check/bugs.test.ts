// Known bugs as traces: which of the rules that docs/check.md names for each of them fire.
// Where no capture of a bug exists, the trace is a run of the model with the faulty part, or written by hand: it says which.

import { describe, expect, test } from 'vitest';
import { DEVICE_BUGS, DRIVER_BUGS } from '../../src/history/check/bugs.js';
import { NS_PER_S } from '../../src/base/units.js';
import { cqNever } from '../../src/model/policy/cq.js';
import { armWhenEmpty, followTail } from '../../src/model/policy/sq.js';
import { ringNeeded } from '../../src/nvme/notify.js';
import { KIND } from '../../src/trace/event.js';
import { audit, evidence, fired } from '../support/audit.js';
import type { PlainEvent } from '../support/events.js';
import { FixedWork, PER_COMMAND, leisurely, oneByOne, run } from '../support/machine.js';
import { Scene } from '../support/scene.js';
import { FAULTS } from './faults.js';

/** Commands, and milliseconds at least. */
const LONG = 3_000;

function modelled(...args: Parameters<typeof run>): readonly PlainEvent[] {
  return [...new Scene().enable(32).events, ...run(args[0], { shadow: true, ...args[1] }).events];
}

function isOfDevice({ kind }: PlainEvent): boolean {
  return kind !== KIND['command.setup'] && kind !== KIND['command.reap'];
}

/** A driver that reads EventIdx too early once, on whichever queue comes first to the index, and so does not ring. */
function withoutBarrier(index: number): typeof PER_COMMAND {
  let spent = false;
  return {
    ...PER_COMMAND,
    ringNeeded(eventIdx, next, old) {
      const needed = ringNeeded(eventIdx, next, old);
      if (!needed || spent || next !== index) return needed;
      spent = true;
      return false;
    },
  };
}

/** Ticks of another queue, so that the machine is seen to be alive. */
function alive(scene: Scene, fromNs: number, forNs: number): Scene {
  for (let ns = 0; ns < forNs; ns += NS_PER_S / 20) scene.at(fromNs + ns).interrupt({ vector: 9 });
  return scene;
}

describe('driver', () => {
  test.each([followTail, armWhenEmpty])('no barrier between store and load, on $name (model)', (sqPolicy) => {
    const queues = [{ work: leisurely(LONG), sqDepth: 32 }, { work: leisurely(LONG), sqDepth: 64 }];
    const lost = modelled(queues, { sqPolicy, driver: withoutBarrier(5) });
    expect(evidence(audit(lost), 'stalled-command')).toEqual([expect.stringMatching(/^error: command \d+ was set up and still not fetched \d.* s later \(0 others in the device, shadow tail last read 4, EventIdx 4, register last written with 4\)$/)]);
    expect(fired(audit(modelled([{ work: leisurely(LONG), sqDepth: 32 }, { work: leisurely(LONG), sqDepth: 64 }], { sqPolicy, driver: PER_COMMAND })))).toEqual({});
    // The store is not in the device's own trace, and so neither is the stall.
    expect(fired(audit(lost.filter(isOfDevice)))).toEqual({});
  });

  test('no Doorbell Buffer Config after a reset (scene)', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().setup(1, 0).sqDoorbell(1, 1).sqShadow(1, 1).fetch(1, 0).complete(1, 0).reap(1, 0);
    scene.reset().enable(32).createQueue(1, 64).setup(1, 1).sqDoorbell(1, 1).fetch(1, 1).setup(1, 2).setup(1, 3);
    alive(scene, 1000, 3 * NS_PER_S);
    expect(fired(audit(scene.events))).toMatchObject({ 'dbbuf-missing': 1, 'stalled-command': 2 });
  });

  test('stale words after a reset: phantom commands (scene, as QEMU 10.0 was seen to answer)', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().sqDoorbell(1, 3).sqShadow(1, 3);
    for (const cid of [1, 2, 3]) scene.fetch(1, cid).sqEventIdx(1, 3).sqShadow(1, 3).complete(1, cid).interrupt({ vector: 1 });
    scene.reset().enable(32).createQueue(1, 64).shadowOn().sqShadow(1, 3);
    scene.fetch(1, 7).fetch(1, 0, 0).complete(1, 7).complete(1, 0, 0x400b);
    expect(fired(audit(scene.events))).toMatchObject({ 'stale-shadow-word': 1, 'zeroed-entry': 1 });
  });

  test('buffers used on after Doorbell Buffer Config was refused (scene)', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).sqDoorbell(0, 1).fetch(0, 5, 0x7c).complete(0, 5, 0x4002).cqDoorbell(0, 1);
    scene.setup(1, 1).sqDoorbell(1, 1).fetch(1, 1).setup(1, 2);
    alive(scene, 1000, 2 * NS_PER_S);
    expect(fired(audit(scene.events))).toMatchObject({ 'dbbuf-refused': 1, 'stalled-command': 1 });
  });
});

describe('device', () => {
  test('a submission queue filled to its last entry (scene, as QEMU 7.2.0 was seen to hang)', () => {
    const scene = new Scene().enable(32).createQueue(1, 4).sqDoorbell(1, 3);
    for (const cid of [0, 1, 2]) scene.fetch(1, cid);
    scene.sqDoorbell(1, 2).fetch(1, 3);
    alive(scene, 1000, 2 * NS_PER_S);
    expect(evidence(audit(scene.events), 'stalled-command')).toEqual([
      'error: 2 entries were announced and still not fetched 1.95 s later (4 others in the device, register last written with 2)',
    ]);
  });

  test('a CQ that never rings, too short for its submission queue (model)', () => {
    const stuck = { work: new FixedWork([8, 8, 8, 8], 30), sqDepth: 64, cqDepth: 4 };
    const result = audit(modelled([stuck, { work: leisurely(LONG) }], { cqPolicy: cqNever }));
    expect(evidence(result, 'stalled-completion')).toHaveLength(17);
    expect(evidence(result, 'stalled-completion')[0]).toMatch(/^warning: command 15 completed and was still not consumed [\d.]+ s later/);
    expect(Object.keys(fired(result))).toEqual(['stalled-completion']);
  });

  test('an EventIdx that stays 0 (model): one ring per lap, as QEMU 7.2.0', () => {
    const silent = { ...cqNever, program: { onConfig: [], onPost: [{ step: 'reread' as const }], onFull: [{ step: 'reread' as const }] } };
    const result = audit(modelled([{ work: oneByOne(200) }], { cqPolicy: silent }));
    expect(evidence(result, 'eventidx-never-published')).toEqual(['warning: the shadow CQ head was read 200 times, and no EventIdx was published']);
  });

  test('completions go round a ring that has no end (scene, a shadow tail outside it)', () => {
    const scene = new Scene().enable(32).createQueue(1, 8).shadowOn().sqDoorbell(1, 1).sqShadow(1, 9).fetch(1, 1).complete(1, 1).fetch(1, 2).fetch(1, 2);
    expect(fired(audit(scene.events))).toMatchObject({ 'doorbell-out-of-range': 1, 'duplicate-cid': 1 });
  });
});

test('a device that moves EventIdx on and never looks again (model, as OpenVMM did)', () => {
  const { faulty, sound } = FAULTS.find(({ rule }) => rule === 'eventidx-not-rechecked')!;
  expect(Object.keys(fired(audit(faulty)))).toContain('eventidx-not-rechecked');
  expect(fired(audit(sound))).toEqual({});
});

test('a write for a queue beyond the BAR does not arrive (scene, of driver and device)', () => {
  const scene = new Scene().enable(32).createQueue(1, 64).createQueue(2, 64);
  for (const queue of [1, 2]) scene.setup(queue, 1).sqDoorbell(queue, 1).fetch(queue, 1).complete(queue, 1).interrupt({ vector: queue }).cqDoorbell(queue, 1).reap(queue, 1);
  alive(scene.setup(2, 2), 1000, 31 * NS_PER_S);
  expect(fired(audit(scene.sqDoorbell(0, 1).fetch(0, 1, 0x08).events))).toEqual({ 'stalled-command': 1, 'abort-sent': 1 });
});

test('a bug that no rule shows says why', () => {
  for (const { bug, rules, note } of [...DRIVER_BUGS, ...DEVICE_BUGS]) if (rules.length === 0) expect(note, bug).not.toBe('');
});
