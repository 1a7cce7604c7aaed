// What the audit must not say: runs of the model are free of faults, and a capture with gaps, pauses or an edge proves less.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NS_PER_S } from '../../src/base/units.js';
import { ABSENT } from '../../src/trace/batch.js';
import { KIND, SIDE_SQ } from '../../src/trace/event.js';
import { type Finding, FindingSink, type Severity } from '../../src/history/check/finding.js';
import { COMPLETE, audit, evidence, fired } from '../support/audit.js';
import type { PlainEvent } from '../support/events.js';
import { load, play } from '../support/loads.js';
import { holds } from '../support/property.js';
import { Scene } from '../support/scene.js';
import { FAULTS, OFF, ON, REBIND } from './faults.js';

const SECONDS = NS_PER_S;
const lost: PlainEvent = { ...new Scene().reset().events[0]!, kind: KIND.lost, value: NaN };

/** What policies and loads may rightly bring about: a device that doesn't publish, or doesn't look again. */
const POLICY = ['eventidx-never-published', 'eventidx-not-rechecked', 'admin-one-sided'];

test('whatever the load, the policies, the transport and the host: no run of the model has an error or a needless ring', () => {
  let judged = 0;
  holds(
    fc.property(load, (some) => {
      const result = audit([...new Scene().enable(32).events, ...play(some).events]);
      judged += result.verdicts.find(({ rule }) => rule.id === 'unasked-ring')!.checked;
      const found = Object.keys(fired(result)).filter((rule) => !POLICY.includes(rule));
      expect(found).toEqual([]);
    }),
    300,
  );
  expect(judged).toBeGreaterThan(500);
});

test('sound events bring no error of any rule', () => {
  for (const { sound, rule, name } of FAULTS) {
    const errors = audit(sound).findings.filter(({ severity, rule: other }) => severity === 'error' && other !== 'no-interrupt');
    expect(errors.flatMap(({ kept }) => kept.map((finding) => finding.evidence)), `${rule}: ${name}`).toEqual([]);
  }
});

describe('gaps', () => {
  /** The next tail, 1, overtakes the head. */
  const scene = (): Scene => new Scene().enable(32).createQueue(1, 8).sqDoorbell(1, 3).fetch(1, 1);

  test('after a mark of loss, counts of entries prove nothing', () => {
    const events = [...scene().events, lost, ...new Scene().sqDoorbell(1, 1).events];
    const result = audit(events);
    expect(evidence(result, 'sq-overrun')).toEqual([]);
    expect(result.verdicts.find(({ rule }) => rule.id === 'sq-overrun')!.open).toBe(2);
  });

  test('a queue that is created after the loss is judged again', () => {
    const fresh = new Scene().createQueue(1, 8).sqDoorbell(1, 3).fetch(1, 1).sqDoorbell(1, 1);
    expect(evidence(audit([...scene().events, lost, ...fresh.events]), 'sq-overrun')).toHaveLength(1);
  });

  test('a queue that is older than the capture is not judged', () => {
    const result = audit(OFF.slice(4000));
    expect(result.findings).toEqual([]);
    expect(result.verdicts.find(({ rule }) => rule.id === 'sq-overrun')!.checked).toBe(0);
  });

  test('every cut of a healthy capture is free of errors', () => {
    for (const events of [OFF, ON]) {
      for (let from = 0; from < events.length; from += 1009) {
        const cut = events.slice(from, from + 5000);
        expect(audit(cut).findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
      }
    }
  });

  test('holes that are marked bring no error, wherever they are', () => {
    for (let at = 500; at < ON.length; at += 2003) {
      const holed = ON.toSpliced(at, 300, { ...lost, timeNs: ON[at]!.timeNs });
      const found = audit(holed).findings.filter(({ severity }) => severity === 'error');
      expect(found.flatMap(({ kept }) => kept.map(({ rule, evidence: text }) => `${at} ${rule}: ${text}`))).toEqual([]);
    }
  });

  test('records that could not be read make errors warnings', () => {
    const { faulty } = FAULTS.find(({ rule }) => rule === 'cq-head-beyond')!;
    const facts = { ...COMPLETE.facts, rejected: 1 };
    expect(evidence(audit(faulty, { facts }), 'cq-head-beyond')).toEqual(['warning: the CQ head moved from 0 to 2, by 2 entries, with 1 posted']);
  });
});

describe('reboots', () => {
  /** The firmware of a guest reads a block by short queues without interrupts, then the kernel comes back; as in the bundled capture of a boot. */
  test('firmware that does without Doorbell Buffer Config between two kernels is left open', () => {
    const kernel = (): Scene => {
      const scene = new Scene().reset().enable(32).createQueue(1, 1024).shadowOn();
      return scene.sqDoorbell(1, 1).sqShadow(1, 1).fetch(1, 1).complete(1, 1).interrupt({ vector: 1 });
    };
    const firmware = new Scene().reset().enable(64).createQueue(1, 256, { vector: -1 }).sqDoorbell(1, 1).fetch(1, 0).complete(1, 0).cqDoorbell(1, 1);
    const result = audit([...kernel().events, ...firmware.events, ...kernel().events]);
    expect(evidence(result, 'dbbuf-missing')).toEqual([]);
    expect(result.verdicts.find(({ rule }) => rule.id === 'dbbuf-missing')!.open).toBe(1);
    const twice = REBIND.slice(0, 4805).concat(REBIND.map((event) => ({ ...event, timeNs: event.timeNs + 10 * SECONDS })));
    expect(evidence(audit(twice), 'dbbuf-missing')).toEqual([]);
  });
});

describe('races', () => {
  test("a completion that is recorded just after the driver's record of it, as joined captures have some, belongs to a command", () => {
    const scene = new Scene().enable(32).createQueue(1, 8).setup(1, 1).sqDoorbell(1, 1).fetch(1, 1).reap(1, 1).complete(1, 1).interrupt({ vector: 1 }).cqDoorbell(1, 1);
    expect(fired(audit(scene.events))).toEqual({});
  });

  test('a register write that shows after the device has read on is not needless', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().sqDoorbell(1, 1).sqShadow(1, 1).fetch(1, 1);
    scene.sqEventIdx(1, 1).sqShadow(1, 1).sqShadow(1, 2).fetch(1, 2).sqEventIdx(1, 2).sqShadow(1, 3).sqDoorbell(1, 2);
    expect(evidence(audit(scene.events), 'unasked-ring')).toEqual([]);
  });

  test('an index that is published after the store may be the one that asked', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().sqDoorbell(1, 2).sqEventIdx(1, 0).sqShadow(1, 2).fetch(1, 1).fetch(1, 2);
    const late = [...scene.events, ...new Scene().sqEventIdx(1, 3).sqDoorbell(1, 4).events];
    const early = [...scene.events, ...new Scene().sqDoorbell(1, 4).events];
    expect(evidence(audit(late), 'unasked-ring')).toEqual([]);
    expect(evidence(audit(early), 'unasked-ring')).toEqual(['warning: SQ tail 4 written after the device had read 2; EventIdx was 0']);
  });

  test('an index that moved on when the new value was read may have been loaded instead', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().sqDoorbell(1, 1).sqEventIdx(1, 1).sqShadow(1, 1);
    const steady = [...scene.events, ...new Scene().sqShadow(1, 2).sqShadow(1, 3).events];
    const moving = [...scene.events, ...new Scene().sqShadow(1, 2).sqEventIdx(1, 2).sqShadow(1, 3).events];
    expect(evidence(audit(steady), 'missed-ring')).toEqual(['error: SQ tail went from 1 to 2 past EventIdx 1 and on to 3, and the register was not written']);
    expect(evidence(audit(moving), 'missed-ring')).toEqual([]);
  });

  test('where no register write ever shows, none is missing', () => {
    const scene = new Scene().enable(32).createQueue(1, 64).shadowOn().sqShadow(1, 1).sqEventIdx(1, 1).sqShadow(1, 1).sqShadow(1, 2).sqShadow(1, 3);
    const result = audit(scene.events);
    expect(evidence(result, 'missed-ring')).toEqual([]);
    expect(result.verdicts.find(({ rule }) => rule.id === 'missed-ring')!.open).toBeGreaterThan(0);
  });

  test('with shadow doorbells, the same value a lap later is no repetition', () => {
    const scene = new Scene().enable(32).createQueue(1, 4).shadowOn().sqDoorbell(1, 1).sqShadow(1, 1).fetch(1, 0);
    for (const tail of [2, 3, 0]) scene.sqShadow(1, tail).fetch(1, tail + 1);
    expect(evidence(audit(scene.sqDoorbell(1, 1).events), 'doorbell-repeated')).toEqual([]);
  });
});

describe('waits', () => {
  /** Announced and fetched `waitNs` later; `tick`: the trace stays alive in between. */
  function waiting(waitNs: number, tickNs: number): readonly PlainEvent[] {
    const scene = new Scene().enable(32).createQueue(1, 8).createQueue(2, 8).sqDoorbell(1, 1).fetch(1, 1).complete(1, 1).interrupt({ vector: 1 }).cqDoorbell(1, 1).at(1000).sqDoorbell(1, 2);
    for (let ns = tickNs; ns < waitNs; ns += tickNs) scene.at(1000 + ns).interrupt({ vector: 2 });
    return scene.at(1000 + waitNs).fetch(1, 2).events;
  }

  test('is an error where the machine was alive, and a warning where it may have been paused', () => {
    const [alive] = evidence(audit(waiting(2 * SECONDS, SECONDS / 20)), 'stalled-command');
    expect(alive).toBe('error: command 2 was announced and fetched 2 s later (0 others in the device, register last written with 2)');
    const [paused] = evidence(audit(waiting(2 * SECONDS, 3 * SECONDS)), 'stalled-command');
    expect(paused).toMatch(/^warning: .*may have been paused$/);
  });

  test('the limit is the caller’s', () => {
    const events = waiting(SECONDS / 2, SECONDS / 100);
    expect(fired(audit(events))).toEqual({});
    expect(fired(audit(events, { stallNs: SECONDS / 4 }))).toEqual({ 'stalled-command': 1 });
  });

  test('without time stamps there is no stall to find, and the rule says so', () => {
    const timeless = OFF.map((event) => ({ ...event, timeNs: NaN }));
    const result = audit(timeless);
    expect(result.findings).toEqual([]);
    const verdict = result.verdicts.find(({ rule }) => rule.id === 'stalled-command')!;
    expect([verdict.checked, verdict.open > 0]).toEqual([0, true]);
  });

  test('commands that were announced and never fetched are told of at the end', () => {
    const scene = new Scene().enable(32).createQueue(1, 8).createQueue(2, 8).sqDoorbell(1, 1).fetch(1, 1).at(1000).sqDoorbell(1, 3);
    for (let i = 1; i < 60; i++) scene.at(1000 + (i * SECONDS) / 20).interrupt({ vector: 2 });
    expect(evidence(audit(scene.events), 'stalled-command')).toEqual([
      'error: 2 entries were announced and still not fetched 2.95 s later (1 others in the device, register last written with 3)',
    ]);
  });
});

describe('one finding explains others', () => {
  test('two controllers in one trace come first, and what follows from them is no error', () => {
    const { faulty } = FAULTS.find(({ rule }) => rule === 'controllers-merged')!;
    const [first, ...others] = audit(faulty).findings;
    expect(first!.rule).toBe('controllers-merged');
    expect(others.length).toBeGreaterThan(2);
    expect(others.filter(({ severity }) => severity === 'error')).toEqual([]);
    const softened = others.flatMap(({ kept }) => kept).filter((finding) => finding.evidence.endsWith('; may be a consequence of controllers-merged'));
    expect(softened.length).toBeGreaterThan(0);
  });

  test('what it explains becomes one degree milder and says so, and is counted as before', () => {
    const sink = new FindingSink(1, 'first');
    const finding = (rule: string, severity: Severity, controller: number): Finding => ({ rule, severity, controller, queue: 1, side: 'sq', at: undefined, evidence: 'seen' });
    for (const one of [finding('a', 'error', 0), finding('a', 'error', 0), finding('b', 'warning', 0), finding('c', 'note', 0), finding('first', 'warning', 0), finding('a', 'error', 1)]) sink.add(one);
    expect(sink.result.map(({ rule, severity, count, kept }) => [rule, severity, count, kept.map((one) => one.evidence)])).toEqual([
      ['first', 'warning', 1, ['seen']],
      ['a', 'error', 1, []],
      ['a', 'warning', 2, ['seen; may be a consequence of first']],
      ['b', 'note', 1, ['seen; may be a consequence of first']],
      ['c', 'note', 1, ['seen']],
    ]);
  });

  test('errors of another controller stay errors', () => {
    const { faulty } = FAULTS.find(({ rule }) => rule === 'controllers-merged')!;
    const other = new Scene().on(1).enable(32).createQueue(1, 8).sqDoorbell(1, 9);
    const result = audit([...faulty, ...other.events]);
    expect(evidence(result, 'doorbell-out-of-range')).toContain('error: SQ tail 9 written to the register; the queue has 8 entries, 0 to 7');
  });

  test('a second run in the file, of a device that does not offer Doorbell Buffer Config, misses none', () => {
    const later = OFF.map((event) => ({ ...event, timeNs: event.timeNs + ON.at(-1)!.timeNs }));
    expect(fired(audit([...ON, ...later]))).toEqual({ 'runs-joined': 1 });
  });

  test('two runs in one file are no two controllers, and each is judged by itself', () => {
    const { faulty } = FAULTS.find(({ rule }) => rule === 'runs-joined')!;
    expect(fired(audit(faulty))).toEqual({ 'runs-joined': 1 });
  });

  test('a head beyond the entries is one finding, and the counts go on from there', () => {
    const scene = new Scene().enable(32).createQueue(1, 8).sqDoorbell(1, 3).fetch(1, 1).fetch(1, 2).fetch(1, 3).complete(1, 1).cqDoorbell(1, 2);
    const result = audit(scene.complete(1, 2).complete(1, 3).cqDoorbell(1, 3).events);
    expect(fired(result)).toEqual({ 'cq-head-beyond': 1 });
  });

  test('the most severe come first, then those that begin first', () => {
    const scene = new Scene().enable(32).createQueue(1, 8).createQueue(2, 8).sqDoorbell(2, 1).fetch(2, 1).fetch(2, 2).sqDoorbell(1, 9).sqDoorbell(9, 1);
    expect(audit(scene.events).findings.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(['error doorbell-out-of-range', 'error doorbell-no-queue', 'warning unannounced-fetch']);
  });
});

describe('bounds', () => {
  test('the first findings of a rule are kept, the others counted', () => {
    const scene = new Scene().enable(32).createQueue(1, 8);
    for (let i = 0; i < 1000; i++) scene.sqDoorbell(1, 8 + i);
    const [group] = audit(scene.events, { keep: 3 }).findings;
    expect([group!.rule, group!.count, group!.kept.length]).toEqual(['doorbell-out-of-range', 1000, 3]);
    expect(group!.kept[0]).toMatchObject({ rule: 'doorbell-out-of-range', severity: 'error', controller: 0, queue: 1, side: 'sq', at: { seq: 3, timeNs: 3, source: 0, place: 4 } });
  });

  test('doorbells beyond those followed are counted', () => {
    const events: PlainEvent[] = [];
    const one = new Scene().sqDoorbell(1, 1).events[0]!;
    for (let queue = 0; queue < 17_000; queue++) events.push({ ...one, queue });
    expect(audit(events).untracked).toBe(17_000 - 16_384);
  });

  test('events without queue, side or value, and with any number, break nothing', () => {
    const kinds = Object.values(KIND);
    const value = fc.constantFrom(NaN, 0, 1, 7, 65_535, 65_536, 2 ** 53 - 1, -1);
    const event = fc.record({
      kind: fc.constantFrom(...kinds), timeNs: fc.constantFrom(NaN, 0, 5, 2 * SECONDS), thread: fc.constant(ABSENT), controller: fc.nat(2),
      queue: fc.constantFrom(ABSENT, 0, 1, 65_535), side: fc.constantFrom(ABSENT, SIDE_SQ, 1), cid: fc.constantFrom(ABSENT, 0, 1), opcode: fc.constantFrom(ABSENT, 0, 8, 0x7c),
      status: fc.constantFrom(ABSENT, 0, 0x400b), value, extra: value, place: fc.constant(1),
    });
    holds(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        for (const { kept } of audit(events).findings) for (const finding of kept) expect(finding.evidence).not.toContain('undefined');
      }),
      500,
    );
  });
});
