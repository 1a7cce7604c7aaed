// Holes and repetitions that a capture doesn't mark: a few findings tell of them, and the counts go on as if nothing had been.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import { OccupancyObserver } from '../../src/history/occupancy.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { SHARED_TRACES } from '../formats/support.js';
import { audit, captureOf } from '../support/audit.js';
import { writeEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { Scene } from '../support/scene.js';

/** Mean levels of the I/O queues between two times, by queue and stage. */
function means(events: readonly PlainEvent[], fromNs: number, toNs: number): ReadonlyMap<string, number> {
  const levels = new Map<string, { level: number; sinceNs: number; sum: number }>();
  const observer = new OccupancyObserver((sq, stage, timeNs, level) => {
    if (sq.qid === 0) return;
    const key = `${sq.qid} ${stage}`;
    const own = levels.get(key) ?? { level: 0, sinceNs: fromNs, sum: 0 };
    const untilNs = Math.min(Math.max(timeNs, own.sinceNs), toNs);
    levels.set(key, { level, sinceNs: untilNs, sum: own.sum + own.level * (untilNs - own.sinceNs) });
  });
  const history = new History([observer]);
  writeEvents(events, (batch) => history.push(batch), 1024);
  history.end();
  return new Map([...levels].map(([key, { sum }]) => [key, sum / (toNs - fromNs)]));
}

/** Levels that differ by more than 5 % and a twentieth of an entry. */
function differing(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): readonly string[] {
  return [...a].flatMap(([key, is]) => {
    const should = b.get(key) ?? 0;
    return Math.abs(is - should) <= Math.max(0.05 * should, 0.05) ? [] : [`${key}: ${is.toFixed(2)} instead of ${should.toFixed(2)}`];
  });
}

/** A change of a capture from the record at `at` on. */
type Damage = (events: readonly PlainEvent[], at: number) => PlainEvent[];

/** Takes the events of `n` lines out. */
function withoutLines(n: number): Damage {
  return (events, at) => {
    const first = events[at]!.place;
    return events.filter(({ place }) => place < first || place >= first + n);
  };
}

/** Doubles or drops the next event of a kind on an I/O queue. */
function next(kind: number, side: number | undefined, copies: 0 | 2): Damage {
  return (events, from) => {
    const at = events.findIndex((event, i) => i >= from && event.kind === kind && event.queue > 0 && (side === undefined || event.side === side));
    return events.toSpliced(at, 1, ...Array.from({ length: copies }, () => events[at]!));
  };
}

const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['a line is missing', withoutLines(1)],
  ['20 lines are missing', withoutLines(20)],
  ['500 lines are missing', withoutLines(500)],
  ['a fetch is there twice', next(KIND['command.fetch'], undefined, 2)],
  ['a fetch is missing', next(KIND['command.fetch'], undefined, 0)],
  ['a completion is there twice', next(KIND['command.complete'], SIDE_CQ, 2)],
  ['a completion is missing', next(KIND['command.complete'], SIDE_CQ, 0)],
  ['an SQ doorbell is missing', next(KIND['doorbell.mmio'], SIDE_SQ, 0)],
  ['a CQ doorbell is missing', next(KIND['doorbell.mmio'], SIDE_CQ, 0)],
];

/** Where the damage is, as a share of the I/O events. */
const PLACES = [0.2, 0.37, 0.5, 0.68];
/** The next doorbell on each queue brings the levels back: so far after the hole each queue has had one. */
const SOON = 0.1;
/** Errors that one hole may bring: on each of two queue pairs one by what the SQ tells and one by what the CQ tells. */
const FEW = 4;

/** Each damage at each place; `levels`: whether the levels after it are compared. */
async function damaged(path: string, levels: boolean): Promise<readonly string[]> {
  const { events, options } = await captureOf(path);
  const io = events.flatMap(({ queue }, i) => (queue > 0 ? [i] : []));
  const at = (share: number): number => io[Math.floor(share * io.length)]!;
  const endNs = events[at(0.97)]!.timeNs;
  return DAMAGES.flatMap(([name, damage]) =>
    PLACES.flatMap((share) => {
      const after = damage(events, at(share));
      const fromNs = events[at(share + SOON)]!.timeNs;
      const errors = audit(after, options).findings.filter(({ severity }) => severity === 'error').reduce((sum, { count }) => sum + count, 0);
      const wrong = levels ? differing(means(after, fromNs, endNs), means(events, fromNs, endNs)) : [];
      return [...(errors > FEW ? [`${name}, at ${share}: ${errors} errors`] : []), ...wrong.map((text) => `${name}, at ${share}: ${text}`)];
    }),
  );
}

describe.each(['randread32-off-1', 'randread32-on-1'])('%s', (name) => {
  test('a few errors, and levels within 5 % of those of the whole capture', async () => {
    expect(await damaged(`fixtures/qemu-log/${name}.qemu.log.gz`, true)).toEqual([]);
  });
});

const present = existsSync(SHARED_TRACES);
describe.skipIf(!present)(`captures at hand${present ? '' : ' (skipped: not present: ../shared/traces)'}`, () => {
  test.each(['pairs/batch16-on-1', 'pairs/batch16-off-1', 'pinned/rr32-off-1', 'pinned/qd2-off-1'])('%s', async (name) => {
    expect(await damaged(`${SHARED_TRACES}${name}.qemu.log.gz`, true)).toEqual([]);
  });

  // On rings of four entries, laps that are missing as a whole can't be told from the indexes: only the errors stay few.
  test.each(['pairs/qd4small-off-1', 'pairs/qd4small-on-1'])('%s, with rings of four entries', async (name) => {
    expect(await damaged(`${SHARED_TRACES}${name}.qemu.log.gz`, false)).toEqual([]);
  });
});

describe('one queue', () => {
  /** Commands one at a time on a ring of 8, shadow doorbells off; the records of some left out or doubled. */
  function some(n: number, choose: (i: number, scene: Scene) => void): Scene {
    const scene = new Scene().enable(32).createQueue(1, 8);
    for (let i = 0; i < n; i++) choose(i, scene);
    return scene;
  }

  function lastLevels(events: readonly PlainEvent[]): Readonly<Record<string, number>> {
    const last: Record<string, number> = {};
    const history = new History([new OccupancyObserver((sq, stage, _timeNs, level) => (last[`${sq.qid} ${stage}`] = level))]);
    writeEvents(events, (batch) => history.push(batch), 8);
    return last;
  }

  test('a fetch that is there twice is taken back when the next doorbell shows that nothing was announced', () => {
    const scene = some(4, (i, on) => {
      on.sqDoorbell(1, i + 1).fetch(1, i);
      if (i === 1) on.fetch(1, i);
      on.complete(1, i).cqDoorbell(1, i + 1);
    });
    expect(lastLevels(scene.sqDoorbell(1, 5).events)).toEqual({ '1 sq': 1, '1 device': 0, '1 cq': 0 });
  });

  test('a completion that is missing frees the device once the CQ head has passed it', () => {
    const scene = some(4, (i, on) => {
      on.sqDoorbell(1, i + 1).fetch(1, i);
      if (i !== 1) on.complete(1, i);
      on.cqDoorbell(1, i + 1);
    });
    expect(lastLevels(scene.sqDoorbell(1, 5).events)).toEqual({ '1 sq': 1, '1 device': 0, '1 cq': 0 });
  });

  test('a completion that is there twice while the first waits is no command that went by unseen', () => {
    const scene = some(3, (i, on) => {
      on.sqDoorbell(1, i + 1).fetch(1, i).complete(1, i);
      if (i === 1) on.complete(1, i);
      on.cqDoorbell(1, i + 1);
    });
    expect(lastLevels(scene.events)).toEqual({ '1 sq': 0, '1 device': 0, '1 cq': 0 });
  });
});
