// Planted faults: for each rule events that show it, and the same without the fault.
// `made by`: how the events came about. Captures are the bundled ones; "model": a run of the machine with a faulty part;
// "scene": written by hand.

import type { CaptureFacts } from '../../src/history/check/rule.js';
import type { Severity } from '../../src/history/check/finding.js';
import { NS_PER_S } from '../../src/base/units.js';
import { BARRIER, REREAD, type SqPolicy, publish } from '../../src/model/policy/policy.js';
import { followTail } from '../../src/model/policy/sq.js';
import { advance } from '../../src/nvme/ring.js';
import { ABSENT } from '../../src/trace/batch.js';
import { INTERRUPT_MSIX, KIND, type KindName, SIDE_SQ } from '../../src/trace/event.js';
import { captureOf } from '../support/audit.js';
import type { PlainEvent } from '../support/events.js';
import { ConstantService, FixedWork, PER_COMMAND, leisurely, oneByOne, run } from '../support/machine.js';
import { Scene } from '../support/scene.js';

const FIXTURES = 'fixtures/qemu-log/';
export const OFF = (await captureOf(`${FIXTURES}randread32-off-1.qemu.log.gz`)).events;
export const ON = (await captureOf(`${FIXTURES}randread32-on-1.qemu.log.gz`)).events;
export const REBIND = (await captureOf(`${FIXTURES}rebind-and-reset.qemu.log.gz`)).events;

export interface Fault {
  readonly rule: string;
  /** What is wrong, and the bug that it stands for. */
  readonly name: string;
  readonly madeBy: 'mutated capture' | 'model' | 'scene';
  readonly severity: Severity;
  readonly faulty: readonly PlainEvent[];
  readonly sound: readonly PlainEvent[];
  /** What the capture says beside its events; faulty only. */
  readonly facts?: Partial<CaptureFacts>;
}

// Mutations of a capture

type Choice = (event: PlainEvent) => boolean;

function is(kind: KindName, columns: Partial<PlainEvent> = {}): Choice {
  const wanted = Object.entries(columns);
  return (event) => event.kind === KIND[kind] && wanted.every(([name, value]) => event[name as keyof PlainEvent] === value);
}

function isIo({ queue }: PlainEvent): boolean {
  return queue > 0;
}

/** Place of the nth event that matches, from 0. */
function nth(events: readonly PlainEvent[], n: number, ...choices: readonly Choice[]): number {
  let left = n;
  const at = events.findIndex((event) => choices.every((choice) => choice(event)) && left-- === 0);
  if (at < 0) throw new Error('the capture has no such event');
  return at;
}

function changed(events: readonly PlainEvent[], at: number, columns: Partial<PlainEvent>): PlainEvent[] {
  return events.with(at, { ...events[at]!, ...columns });
}

function inserted(events: readonly PlainEvent[], at: number, ...extra: readonly PlainEvent[]): PlainEvent[] {
  return events.toSpliced(at, 0, ...extra);
}

function without(events: readonly PlainEvent[], choice: Choice): PlainEvent[] {
  return events.filter((event) => !choice(event));
}

function twice(events: readonly PlainEvent[], at: number): PlainEvent[] {
  return inserted(events, at, events[at]!);
}

const sqDoorbell = nth(OFF, 300, is('doorbell.mmio', { side: SIDE_SQ }), isIo);
const onSqDoorbell = nth(ON, 50, is('doorbell.mmio', { side: SIDE_SQ }), isIo);

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

function swapShadow(event: PlainEvent, swap: (value: number) => number): PlainEvent {
  return event.kind === KIND['doorbell.shadow'] && isIo(event) ? { ...event, value: swap(event.value) } : event;
}

/** Two controllers of one process, as QEMU's records mix them. */
function mixed(a: readonly PlainEvent[], b: readonly PlainEvent[]): PlainEvent[] {
  return [...a, ...b].toSorted((x, y) => x.timeNs - y.timeNs);
}

const dbbufAt = nth(ON, 0, is('dbbuf.config'));
const dbbufCid = ON[nth(ON, 0, is('command.fetch', { queue: 0, opcode: 0x7c }))]!.cid;
const dbbufDone = ON.findIndex((event, at) => at > dbbufAt && event.kind === KIND['command.complete'] && event.queue === 0 && event.cid === dbbufCid);
const secondDbbuf = nth(REBIND, 1, is('dbbuf.config'));

/** Without that Doorbell Buffer Config, and so without the use of the words up to the next reset. */
function unconfigured(at: number): PlainEvent[] {
  const next = REBIND.findIndex((event, i) => i > at && event.kind === KIND['controller.reset']);
  const isOfWords = ({ kind }: PlainEvent): boolean => kind === KIND['doorbell.shadow'] || kind === KIND.eventidx;
  return REBIND.filter((event, i) => i !== at && !(i > at && (next < 0 || i < next) && isOfWords(event)));
}

// Runs of the model

/** The run from a controller enable on, with shadow doorbells. */
function modelled(...args: Parameters<typeof run>): readonly PlainEvent[] {
  return [...new Scene().enable(32).events, ...run(args[0], { shadow: true, ...args[1] }).events];
}

/** Batches of three commands, ten at a time; `afterSubmit`: ns between two of them. */
function threes(n: number, afterSubmit = 1_300): FixedWork {
  return new FixedWork(Array.from({ length: n }, () => 3), 30, { afterSubmit });
}

function policy(name: string, program: SqPolicy['program']): SqPolicy {
  return { ...followTail, name, program };
}

/** Events after which a run ends whose device never rests. */
const POLLING = 20_000;
/** Looks by itself every 20 us, and arms as follow-tail does when it finds nothing. */
const timed = policy('timed', { onStart: [REREAD], onCommand: [REREAD], onEmpty: [publish((view) => view.seen), BARRIER, REREAD, { step: 'timer', afterNs: 20_000 }] });
const unarmed = policy('unarmed', { onStart: [REREAD], onCommand: [REREAD], onEmpty: [{ step: 'timer', afterNs: 300_000 }] });
const blind = policy('blind', { onStart: [REREAD], onCommand: [], onEmpty: [publish((view) => view.seen)] });
/** On the shorter of two queues the device sleeps with its index one behind, as only one that polls may. */
const behind = policy('trail-by-one', {
  onStart: [REREAD],
  onCommand: [publish((view) => (view.depth === SHORT ? advance(view.seen, -1, view.depth) : view.seen)), BARRIER, REREAD],
  onEmpty: [],
});
const SHORT = 32;

/** Two queues: the longer one is busy for three seconds. */
function twoQueues(): Parameters<typeof run>[0] {
  return [{ work: oneByOne(10), sqDepth: SHORT }, { work: leisurely(3_000), sqDepth: 64 }];
}

// Scenes

function started(depth = 8): Scene {
  return new Scene().enable(32).createQueue(1, depth);
}

/** `n` commands on queue 1, one at a time, each completed, signalled and consumed; shadow doorbells off. */
function commands(scene: Scene, n: number, depth = 8, first = 0): Scene {
  for (let i = first; i < first + n; i++) {
    const index = (i + 1) % depth;
    scene.sqDoorbell(1, index).fetch(1, i).complete(1, i).interrupt({ vector: 1 }).cqDoorbell(1, index);
  }
  return scene;
}

/** The same under follow-tail and follow-head; `shadow` and `register` say what is stored and what is written. */
function shadowed(scene: Scene, n: number, shadow: (index: number) => number, depth = 64): Scene {
  for (let i = 0; i < n; i++) {
    const index = (i + 1) % depth;
    scene.sqDoorbell(1, index).sqShadow(1, shadow(index)).fetch(1, i).sqEventIdx(1, index).sqShadow(1, shadow(index));
    scene.complete(1, i).cqEventIdx(1, i % depth).cqShadow(1, i % depth).interrupt({ vector: 1 }).cqDoorbell(1, index);
  }
  return scene;
}

/** A driver that writes the register and not the shadow word: the device looks, and finds nothing. */
function unstored(n: number): Scene {
  const scene = started(64).shadowOn();
  for (let tail = 1; tail <= n; tail++) scene.sqDoorbell(1, tail).sqShadow(1, 0);
  return scene;
}

const SECONDS = NS_PER_S;

/** A life of the controller that ends at tail 5, and the next one, whose first shadow read gives `tail`. */
function reborn(tail: number): Scene {
  const scene = started(64).shadowOn();
  shadowed(scene, 5, (index) => index).reset().enable(32).createQueue(1, 64).shadowOn();
  return tail === 1 ? scene.sqDoorbell(1, 1).sqShadow(1, tail).fetch(1, 1) : scene.sqShadow(1, tail);
}

function dbbuf(shadow: number, eventIdx: number): PlainEvent {
  return { ...new Scene().shadowOn().events[0]!, value: shadow, extra: eventIdx };
}

function statusRead(scene: Scene, timeNs: number): PlainEvent {
  return { ...scene.events.at(-1)!, kind: KIND['register.read'], timeNs, queue: ABSENT, side: ABSENT, cid: ABSENT, status: ABSENT, value: NaN, extra: 0x1c };
}

/** The same twice, as when two logs are put into one file; without a reset at the end of the first. */
const booted = OFF.slice(0, OFF.findLastIndex(({ queue, kind }) => queue > 0 && kind === KIND.interrupt) + 1 || OFF.length);
const joined = [...booted, ...booted.map((event) => ({ ...event, timeNs: event.timeNs + OFF.at(-1)!.timeNs + SECONDS }))];

/** Without anything of Doorbell Buffer Config but what the device then does. */
const unasked7C = without(
  ON.filter((_event, at) => at !== dbbufDone),
  (event) => event.kind === KIND['dbbuf.config'] || (event.queue === 0 && event.opcode === 0x7c),
);

/** 300 commands on one queue, of which the first 20 are signalled; or all. */
function signalled(all: boolean): readonly PlainEvent[] {
  return commands(started(), 300).events.filter(({ kind, place }) => kind !== KIND.interrupt || all || place <= 100);
}

/** A completion under shadow doorbells that a register write shows to be consumed `waitNs` later, a read of CSTS just before. */
function takenUnderShadow(waitNs: number): readonly PlainEvent[] {
  const scene = shadowed(started(64).shadowOn(), 20, (index) => index).at(1000).sqDoorbell(1, 21).sqShadow(1, 21).fetch(1, 50).complete(1, 50).cqShadow(1, 20);
  return [...scene.events, statusRead(scene, waitNs), ...new Scene().at(1000 + waitNs).cqDoorbell(1, 21).events];
}

/** A completion that the driver takes `waitNs` later, with or without a read of CSTS just before. */
function taken(waitNs: number, csts: boolean, interrupt = true): PlainEvent[] {
  const scene = commands(started(), 20).at(1000).sqDoorbell(1, 5).fetch(1, 50).complete(1, 50);
  if (interrupt) scene.interrupt({ vector: 1 });
  const late = new Scene().at(1000 + waitNs).cqDoorbell(1, 5).events;
  return [...scene.events, ...(csts ? [statusRead(scene, 1000 + waitNs - 1000)] : []), ...late];
}

export const FAULTS: readonly Fault[] = [
  {
    rule: 'doorbell-out-of-range', name: 'the register gets the number of entries (a wrap that is one too late)', madeBy: 'mutated capture', severity: 'error',
    faulty: changed(OFF, sqDoorbell, { value: 1024 }), sound: OFF,
  },
  {
    rule: 'doorbell-out-of-range', name: 'the shadow tail lies outside the ring', madeBy: 'mutated capture', severity: 'error',
    faulty: changed(ON, nth(ON, 500, is('doorbell.shadow', { side: SIDE_SQ }), isIo), { value: 0x10009 }), sound: ON,
  },
  {
    rule: 'doorbell-repeated', name: 'two submitters announce the same tail (Linux 5.8)', madeBy: 'mutated capture', severity: 'error',
    faulty: twice(OFF, sqDoorbell), sound: OFF,
  },
  {
    rule: 'doorbell-repeated', name: 'the same under shadow doorbells', madeBy: 'mutated capture', severity: 'error',
    faulty: twice(ON, onSqDoorbell), sound: ON,
  },
  {
    rule: 'doorbell-no-queue', name: 'a doorbell of queue 9', madeBy: 'mutated capture', severity: 'error',
    faulty: inserted(OFF, sqDoorbell, { ...OFF[sqDoorbell]!, queue: 9 }), sound: OFF,
  },
  {
    rule: 'doorbell-no-queue', name: 'a CQ doorbell after the queue was deleted, as a last reaping does', madeBy: 'scene', severity: 'warning',
    faulty: commands(started(), 3).deleteSq(1).deleteCq(1).cqDoorbell(1, 3).events, sound: commands(started(), 3).deleteSq(1).deleteCq(1).events,
  },
  {
    rule: 'sq-overrun', name: 'the tail overtakes the head', madeBy: 'scene', severity: 'error',
    faulty: started().sqDoorbell(1, 3).fetch(1, 1).sqDoorbell(1, 1).events, sound: started().sqDoorbell(1, 3).fetch(1, 1).sqDoorbell(1, 0).events,
  },
  {
    rule: 'cq-head-beyond', name: 'a head of two for one completion', madeBy: 'scene', severity: 'error',
    faulty: started().sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).complete(1, 1).cqDoorbell(1, 2).events,
    sound: started().sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).complete(1, 1).complete(1, 2).cqDoorbell(1, 2).events,
  },
  {
    rule: 'duplicate-cid', name: 'an entry is fetched twice', madeBy: 'mutated capture', severity: 'error',
    faulty: twice(OFF, nth(OFF, 300, is('command.fetch'), isIo)), sound: OFF,
  },
  {
    rule: 'unmatched-completion', name: 'a completion is posted twice', madeBy: 'mutated capture', severity: 'error',
    faulty: twice(OFF, nth(OFF, 300, is('command.complete'), isIo)), sound: OFF,
  },
  {
    rule: 'zeroed-entry', name: 'entries that the driver never filled (a stale tail)', madeBy: 'scene', severity: 'error',
    faulty: commands(started(), 3).sqDoorbell(1, 4).fetch(1, 0, 0).complete(1, 0, 0x400b).events,
    sound: commands(started(), 3).sqDoorbell(1, 4).fetch(1, 0, 0).complete(1, 0).events,
  },
  {
    rule: 'unasked-ring', name: 'a driver that writes the register every time', madeBy: 'model', severity: 'warning',
    faulty: modelled([{ work: threes(200) }], { driver: { ...PER_COMMAND, ringNeeded: () => true } }),
    sound: modelled([{ work: threes(200) }], { driver: PER_COMMAND }),
  },
  {
    rule: 'missed-ring', name: 'a driver that seldom rings, on a device that looks by itself', madeBy: 'model', severity: 'error',
    faulty: modelled([{ work: threes(200, 9_000) }], { driver: { ...PER_COMMAND, ringNeeded: (_eventIdx, next) => next === 1 }, sqPolicy: timed, maxEvents: POLLING }),
    sound: modelled([{ work: threes(200, 9_000) }], { driver: PER_COMMAND, sqPolicy: timed, maxEvents: POLLING }),
  },
  {
    rule: 'eventidx-never-published', name: 'a device that polls and never arms', madeBy: 'model', severity: 'warning',
    faulty: modelled([{ work: oneByOne(200) }], { sqPolicy: unarmed, maxEvents: POLLING }), sound: modelled([{ work: oneByOne(200) }]),
  },
  {
    rule: 'eventidx-not-rechecked', name: 'a device that arms and sleeps', madeBy: 'model', severity: 'warning',
    faulty: modelled([{ work: oneByOne(200) }], { sqPolicy: blind }), sound: modelled([{ work: oneByOne(200) }]),
  },
  {
    rule: 'shadow-behind-register', name: 'a driver that rings without storing the shadow word', madeBy: 'scene', severity: 'error',
    faulty: unstored(20).events, sound: shadowed(started(64).shadowOn(), 20, (index) => index).events,
  },
  {
    rule: 'stale-shadow-word', name: 'the word of before the reset (Linux before 5.16)', madeBy: 'scene', severity: 'error',
    faulty: reborn(5).events, sound: reborn(1).events,
  },
  {
    rule: 'stale-shadow-word', name: 'another value before any register write', madeBy: 'scene', severity: 'warning',
    faulty: reborn(9).events, sound: reborn(1).events,
  },
  {
    rule: 'shadow-byte-order', name: 'the driver stores 16 bits in the wrong order', madeBy: 'mutated capture', severity: 'error',
    faulty: ON.map((event) => swapShadow(event, swapped)), sound: ON,
  },
  {
    rule: 'shadow-byte-order', name: 'the driver stores 32 bits in the wrong order, and the trace shows the low half (Linux before 6.2)', madeBy: 'mutated capture', severity: 'warning',
    faulty: ON.map((event) => swapShadow(event, () => 0)), sound: ON,
  },
  {
    rule: 'dbbuf-geometry', name: 'not on a page boundary', madeBy: 'mutated capture', severity: 'error',
    faulty: changed(ON, dbbufAt, { value: ON[dbbufAt]!.value + 512 }), sound: ON,
  },
  {
    rule: 'dbbuf-geometry', name: 'both buffers on one page', madeBy: 'scene', severity: 'error',
    faulty: [...started().events, dbbuf(0x5000, 0x5000)], sound: [...started().events, dbbuf(0x5000, 0x6000)],
  },
  {
    rule: 'dbbuf-geometry', name: 'more queues than a page has words for', madeBy: 'scene', severity: 'error',
    faulty: [...started().createQueue(512, 8).events, dbbuf(0x5000, 0x6000)], sound: [...started().createQueue(511, 8).events, dbbuf(0x5000, 0x6000)],
  },
  {
    rule: 'dbbuf-after-io', name: 'I/O was let go before the command (Linux before 6.8)', madeBy: 'scene', severity: 'warning',
    faulty: commands(started(), 3).shadowOn().events, sound: commands(started().shadowOn(), 3).events,
  },
  {
    rule: 'dbbuf-refused', name: 'the device answers with an error', madeBy: 'mutated capture', severity: 'warning',
    faulty: without(changed(ON, dbbufDone, { status: 0x4002 }), is('dbbuf.config')), sound: ON,
  },
  {
    rule: 'dbbuf-missing', name: 'not sent again after a reset (Linux before 5.2)', madeBy: 'mutated capture', severity: 'warning',
    faulty: unconfigured(secondDbbuf), sound: REBIND,
  },
  {
    rule: 'admin-one-sided', name: 'a device that leaves the admin queue out', madeBy: 'mutated capture', severity: 'note',
    faulty: without(ON, (event) => event.queue === 0 && (event.kind === KIND['doorbell.shadow'] || event.kind === KIND.eventidx)), sound: ON,
  },
  {
    rule: 'shadow-not-owned', name: 'a device that remembers its buffers over a reset', madeBy: 'scene', severity: 'error',
    faulty: shadowed(started(64).shadowOn(), 5, (i) => i).reset().enable(32).createQueue(1, 64).sqShadow(1, 0).events,
    sound: shadowed(started(64).shadowOn(), 5, (i) => i).reset().enable(32).createQueue(1, 64).shadowOn().sqShadow(1, 0).events,
  },
  {
    rule: 'shadow-not-owned', name: 'a late callback after the queue was deleted', madeBy: 'scene', severity: 'error',
    faulty: shadowed(started(64).shadowOn(), 5, (i) => i).deleteSq(1).deleteCq(1).cqShadow(1, 5).events,
    sound: shadowed(started(64).shadowOn(), 5, (i) => i).cqShadow(1, 5).deleteSq(1).deleteCq(1).events,
  },
  {
    rule: 'stalled-command', name: 'a device that sleeps with its index one behind', madeBy: 'model', severity: 'error',
    faulty: modelled(twoQueues(), { sqPolicy: behind }), sound: modelled(twoQueues()),
  },
  {
    rule: 'slow-command', name: 'a backend that takes two seconds', madeBy: 'model', severity: 'warning',
    faulty: modelled([{ work: oneByOne(3) }], { service: new ConstantService({ backend: 2 * SECONDS }) }), sound: modelled([{ work: oneByOne(3) }]),
  },
  {
    rule: 'stalled-completion', name: 'the driver comes after two seconds', madeBy: 'scene', severity: 'warning',
    faulty: taken(2 * SECONDS, false), sound: taken(0.1 * SECONDS, false),
  },
  {
    rule: 'no-interrupt', name: 'the interrupt of one completion is missing', madeBy: 'scene', severity: 'error',
    faulty: taken(2 * SECONDS, false, false), sound: taken(2 * SECONDS, false, true),
  },
  {
    rule: 'no-interrupt', name: 'a queue that never signals', madeBy: 'mutated capture', severity: 'warning',
    faulty: without(OFF, is('interrupt', { value: 2, extra: INTERRUPT_MSIX })), sound: OFF,
  },
  {
    rule: 'completion-polled', name: 'the timeout handler finds it', madeBy: 'scene', severity: 'warning',
    faulty: taken(30 * SECONDS, true), sound: taken(30 * SECONDS, false),
  },
  {
    rule: 'abort-sent', name: 'the driver aborts', madeBy: 'scene', severity: 'warning',
    faulty: started().sqDoorbell(1, 1).fetch(1, 1).sqDoorbell(0, 1).fetch(0, 3, 0x08).events, sound: started().sqDoorbell(1, 1).fetch(1, 1).sqDoorbell(0, 1).fetch(0, 3, 0x06).events,
  },
  {
    rule: 'queue-refused', name: 'Create I/O CQ fails', madeBy: 'mutated capture', severity: 'warning',
    faulty: refusedCreation(), sound: OFF,
  },
  {
    rule: 'device-refused-doorbell', name: 'QEMU ignores a misaligned write', madeBy: 'scene', severity: 'error',
    faulty: commands(started(), 3).events, sound: commands(started(), 3).events, facts: { named: new Map([['pci_nvme_ub_db_wr_misaligned', 2]]) },
  },
  {
    rule: 'controller-fatal-status', name: 'QEMU can not read an entry', madeBy: 'scene', severity: 'error',
    faulty: commands(started(), 3).events, sound: commands(started(), 3).events, facts: { named: new Map([['pci_nvme_err_cfs', 1]]) },
  },
  {
    rule: 'records-lost', name: 'a mark of loss', madeBy: 'mutated capture', severity: 'note',
    faulty: inserted(OFF, 5000, { ...new Scene().reset().events[0]!, kind: KIND.lost, value: 12, timeNs: OFF[5000]!.timeNs }), sound: OFF,
  },
  {
    rule: 'doorbells-not-traced', name: 'an eventfd takes the doorbells', madeBy: 'mutated capture', severity: 'note',
    faulty: without(ON, (event) => event.kind === KIND['doorbell.mmio'] && isIo(event)), sound: ON,
  },
  {
    rule: 'controllers-merged', name: 'two controllers of one process', madeBy: 'mutated capture', severity: 'warning',
    faulty: mixed(OFF, ON.map((event) => ({ ...event, timeNs: event.timeNs + 3000 }))), sound: OFF,
  },
  {
    rule: 'unannounced-fetch', name: 'the device looks beyond the tail, or a doorbell is missing', madeBy: 'scene', severity: 'warning',
    faulty: started().sqDoorbell(1, 1).fetch(1, 1).fetch(1, 2).events, sound: started().sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).events,
  },
  {
    rule: 'work-without-queue', name: 'commands of before a reset are fetched after it', madeBy: 'scene', severity: 'error',
    faulty: shadowed(started(64).shadowOn(), 5, (i) => i).reset().fetch(1, 6).events,
    sound: shadowed(started(64).shadowOn(), 5, (i) => i).fetch(1, 6).reset().complete(1, 6).events,
  },
  {
    rule: 'work-without-queue', name: 'a completion on a queue that was not created again', madeBy: 'scene', severity: 'error',
    faulty: shadowed(started(64).shadowOn(), 5, (i) => i).reset().enable(32).complete(1, 6).events,
    sound: shadowed(started(64).shadowOn(), 5, (i) => i).reset().enable(32).createQueue(1, 64).sqDoorbell(1, 1).fetch(1, 6).complete(1, 6).events,
  },
  {
    rule: 'shadow-not-owned', name: 'a device that reads words which nobody gave it', madeBy: 'mutated capture', severity: 'error',
    faulty: unasked7C, sound: ON,
  },
  {
    rule: 'no-interrupt', name: 'the interrupt comes two seconds late', madeBy: 'scene', severity: 'warning',
    faulty: commands(started(), 20).sqDoorbell(1, 5).fetch(1, 50).complete(1, 50).at(2 * SECONDS).interrupt({ vector: 1 }).cqDoorbell(1, 5).events,
    sound: commands(started(), 20).sqDoorbell(1, 5).fetch(1, 50).complete(1, 50).at(SECONDS / 2).interrupt({ vector: 1 }).cqDoorbell(1, 5).events,
  },
  {
    rule: 'completion-polled', name: 'the timeout handler finds it, with shadow doorbells on', madeBy: 'scene', severity: 'warning',
    faulty: takenUnderShadow(30 * SECONDS), sound: takenUnderShadow(SECONDS / 2),
  },
  {
    rule: 'interrupts-stop', name: 'no interrupt after the first twenty', madeBy: 'scene', severity: 'note',
    faulty: signalled(false), sound: signalled(true),
  },
  {
    rule: 'time-backwards', name: 'a clock that was set back', madeBy: 'mutated capture', severity: 'note',
    faulty: OFF.map((event, at) => (at > 5000 ? { ...event, timeNs: event.timeNs - SECONDS } : event)), sound: OFF,
  },
  {
    rule: 'runs-joined', name: 'two logs in one file', madeBy: 'mutated capture', severity: 'note',
    faulty: joined, sound: OFF,
  },
];

function refusedCreation(): PlainEvent[] {
  const created = OFF[nth(OFF, 0, is('queue.create'))]!;
  const done = OFF.findIndex((event) => event.kind === KIND['command.complete'] && event.queue === 0 && event.cid === created.cid && event.timeNs >= created.timeNs);
  return changed(OFF, done, { status: 0x4102 });
}
