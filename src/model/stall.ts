// Where the work of a machine stands still, if it does.

import type { Recovery } from './life.js';
import type { QueuePair } from './queue-pair.js';
import type { Vcpu } from './vcpu.js';

/** Work is left, and nobody will look at it. */
export interface Stall {
  readonly qid: number;
  /** When the last thing happened, in ns. */
  readonly atNs: number;
  readonly what: 'commands wait in the SQ' | 'commands wait in the device' | 'completions wait for the CQ' | 'completions wait for the driver' | 'the driver waits';
  /** How many commands. */
  readonly waiting: number;
  /**
   * A device that looks again at least this long after its last look, in ns, would have found the work; null where looking
   * wouldn't help, because it is the driver that waits.
   */
  readonly timerNs: number | null;
  /** How the driver got it going again, where it has a timeout; the run went on then. */
  readonly recovered?: Recovery;
}

/** Where a queue's work stands still, if it does: the first place on a command's way that holds any. */
export function stallOf(vcpu: Vcpu, atNs: number): Stall[] {
  const { pair } = vcpu;
  const places: readonly [Stall['what'], number][] = [
    ['commands wait in the SQ', pair.submitted - pair.fetched],
    ['commands wait in the device', pair.fetched - pair.completed],
    ['completions wait for the CQ', pair.completed - pair.posted],
    ['completions wait for the driver', pair.posted - pair.reaped],
    ['the driver waits', vcpu.hasWork ? 1 : 0],
  ];
  const stuck = places.find(([, waiting]) => waiting > 0);
  if (stuck === undefined) return [];
  const [what, waiting] = stuck;
  return [{ qid: pair.qid, atNs, what, waiting, timerNs: timerFor(what, pair) }];
}

/** How long behind the device's last look at a queue side its driver announced last. */
function timerFor(what: Stall['what'], { announcedNs, lookedNs }: QueuePair): number | null {
  if (what === 'commands wait in the SQ') return Math.max(announcedNs.sq - lookedNs.sq, 0);
  if (what === 'completions wait for the CQ') return Math.max(announcedNs.cq - lookedNs.cq, 0);
  return null;
}
