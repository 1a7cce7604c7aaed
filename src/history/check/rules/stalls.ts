// Waits that are too long: commands that the device doesn't fetch, doesn't finish.

import { formatNs } from '../../../base/units.js';
import { SIDE_SQ } from '../../../trace/event.js';
import type { HistoryObserver } from '../../observer.js';
import { inDevice, isFetched } from '../../counts.js';
import type { CommandLife, SqLife } from '../../lives.js';
import { isSettled } from '../../resync.js';
import { type Desk, type Rule, Watcher } from '../rule.js';

/** Share of a wait during which the trace must have been alive: else the machine may have been paused. */
const ALIVE_SHARE = 0.5;

class StalledCommand extends Watcher implements HistoryObserver {
  override readonly observer: HistoryObserver = this;
  /** Announcements that were not fetched up to yet, oldest first, with the active time of each. */
  private readonly visible = new WeakMap<SqLife, { readonly upTo: number; readonly activeNs: number }[]>();
  private readonly setUpAt = new WeakMap<CommandLife, number>();
  /** Queues whose fetches the capture shows. */
  private readonly shows = new WeakSet<SqLife>();

  announced(sq: SqLife, _timeNs: number, count: number): void {
    if (count === 0) return;
    const own = this.visible.get(sq) ?? [];
    own.push({ upTo: sq.announced, activeNs: this.desk.activeNs() });
    if (own.length > sq.depth) own.shift();
    this.visible.set(sq, own);
  }

  setUp(command: CommandLife): void {
    this.setUpAt.set(command, this.desk.activeNs());
  }

  fetched(command: CommandLife, timeNs: number): void {
    this.shows.add(command.sq);
    const own = this.visible.get(command.sq) ?? [];
    while (own.length > 0 && own[0]!.upTo <= command.position) own.shift();
    this.judge(command, timeNs);
  }

  private judge(command: CommandLife, untilNs: number): void {
    const { announcedNs, setupNs, sq } = command;
    const setUp = !Number.isNaN(setupNs);
    const waitNs = untilNs - (setUp ? setupNs : announcedNs);
    if (Number.isNaN(waitNs)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (waitNs <= this.desk.stallNs) return;
    const from = setUp ? this.setUpAt.get(command) : this.visible.get(sq)?.[0]?.activeNs;
    this.tell(sq, waitNs, from, `command ${command.cid} was ${setUp ? 'set up' : 'announced'}`, isFetched(command));
  }

  sqClosed(sq: SqLife): void {
    const nowNs = sq.closedNs;
    const oldest = sq.announcements[0];
    if (oldest === undefined || sq.announced <= sq.fetched) return;
    // Where no fetch is ever seen, the capture doesn't show them.
    const waitNs = nowNs - oldest.timeNs;
    if (Number.isNaN(waitNs) || !this.shows.has(sq)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (waitNs <= this.desk.stallNs) return;
    this.tell(sq, waitNs, this.visible.get(sq)?.[0]?.activeNs, `${sq.announced - sq.fetched} entries were announced`, false);
  }

  commandEnded(command: CommandLife): void {
    // Set up and cut off with its queue, before it was fetched.
    if (isFetched(command) || Number.isNaN(command.setupNs) || Number.isNaN(command.sq.closedNs) || !this.shows.has(command.sq)) return;
    this.judge(command, command.sq.closedNs);
  }

  private tell(sq: SqLife, waitNs: number, fromActiveNs: number | undefined, what: string, fetched: boolean): void {
    const words = this.desk.side(sq.controller, sq.qid, SIDE_SQ);
    const known = [
      `${inDevice(sq) - Number(fetched)} others in the device`,
      ...(words === undefined || Number.isNaN(words.lastRead) ? [] : [`shadow tail last read ${words.lastRead}`]),
      ...(words === undefined || Number.isNaN(words.lastPublished) ? [] : [`EventIdx ${words.lastPublished}`]),
      ...(words === undefined || Number.isNaN(words.lastWrite) ? [] : [`register last written with ${words.lastWrite}`]),
    ];
    const end = fetched ? 'fetched' : 'still not fetched';
    const now = this.desk.activeNs();
    const alive = now - (fromActiveNs ?? now) >= waitNs * ALIVE_SHARE;
    const pause = alive ? '' : '; the trace was silent for most of it, so the machine may have been paused';
    const severity = alive && sq.whole && isSettled(sq.cq) ? 'error' : 'warning';
    this.desk.report({ controller: sq.controller, queue: sq.qid, side: SIDE_SQ }, `${what} and ${end} ${formatNs(waitNs)} later (${known.join(', ')})${pause}`, severity);
  }
}

class SlowCommand extends Watcher implements HistoryObserver {
  override readonly observer: HistoryObserver = this;
  /** Controllers of which a completion was seen: of others the capture shows none, and a missing one tells nothing. */
  private readonly completing = new Set<number>();

  completed(command: CommandLife, timeNs: number): void {
    this.completing.add(command.sq.controller);
    this.judge(command, timeNs - command.fetchedNs, 'in the device');
  }

  commandEnded(command: CommandLife): void {
    if (!Number.isNaN(command.completedNs)) return;
    const untilNs = Number.isNaN(command.reapedNs) ? command.sq.closedNs : command.reapedNs;
    const fetchedNs = this.completing.has(command.sq.controller) ? command.fetchedNs : NaN;
    if (isFetched(command)) this.judge(command, untilNs - fetchedNs, 'in the device');
    else if (command.sq.announced === 0) this.judge(command, untilNs - command.setupNs, 'between set-up and consumption');
  }

  private judge({ sq, cid }: CommandLife, waitNs: number, where: string): void {
    if (sq.qid === 0) return;
    if (Number.isNaN(waitNs)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (waitNs <= this.desk.stallNs) return;
    this.desk.report({ controller: sq.controller, queue: sq.qid, side: SIDE_SQ }, `command ${cid} was ${formatNs(waitNs)} ${where}`);
  }
}

export const STALL_RULES: readonly Rule[] = [
  {
    id: 'stalled-command',
    severity: 'error',
    title: 'A command was visible in the submission queue, and the device did not fetch it for too long.',
    doc: 'Visible is what a register write or a shadow read announced and, where the driver\'s own events were captured, what was set up. The limit is --stall-ms. An error when the trace was alive for at least half of the wait, where a gap between two events counts at most a tenth of the limit; else a warning, because a machine that is paused looks the same. A warning also after losses, marked or not.',
    evidence: 'the command, how long it waited, the other commands in the device, the shadow tail, EventIdx and register value at that time',
    needs: 'time stamps, fetches, and announcements or set-ups',
    source: 'Linux nvme_timeout; the lost wake-ups of Linux f1ed3df20d2d, Propolis e25e56ee, QEMU 9529aa6bb4',
    watch: (desk: Desk) => new StalledCommand(desk),
  },
  {
    id: 'slow-command',
    severity: 'warning',
    title: 'An I/O command stayed in the device for too long.',
    doc: 'The device had it, so no doorbell was lost: the backend is slow, or the completion queue was full. Where only the driver\'s events were captured, the time from set-up to consumption is judged, which holds every other wait too. The limit is --stall-ms.',
    evidence: 'the command and the time',
    needs: 'time stamps, and fetches with completions or the driver\'s own events',
    source: 'Linux nvme_timeout',
    watch: (desk: Desk) => new SlowCommand(desk),
  },
];
