// What announcements cost a vCPU: an update of a shadow doorbell, or a register write, which takes it out of the guest.
//
//   ring:  -> out of the guest -> the device's lock, off its core -> the device takes the value -> back in the guest
//
// Nothing runs in the guest until the write has left it; what comes meanwhile is held. A vCPU makes one write at a time.

import type { Side } from '../nvme/doorbell.js';
import type { Bus, Writer } from './bus.js';
import type { Costs } from './costs.js';
import type { Announced } from './driver/driver-side.js';
import type { Host } from './host.js';
import type { QueuePair } from './queue-pair.js';
import type { Thread } from './thread.js';

/** Codes of the bursts that this file begins. */
export const WRITE_BURST = {
  /** The rest of a register write outside of the guest, which no interrupt reaches before its end. */
  rest: 4,
  /** A register write has left the guest. */
  arrive: 5,
} as const;

/** Whose writes they are. `Next` is the owner's code for what it does behind an announcement. */
export interface WritesOwner<Next> {
  goOn(next: Next, nowNs: number): void;
  /** A write is over: what waited for that may begin. */
  written(nowNs: number): void;
}

export interface DoorbellWritesOptions<Next> {
  readonly pair: QueuePair;
  readonly host: Host;
  readonly bus: Bus;
  readonly costs: Costs;
  readonly owner: WritesOwner<Next>;
}

export class DoorbellWrites<Next> implements Writer {
  private readonly options: DoorbellWritesOptions<Next>;
  private readonly thread: Thread;
  /** Whether a register write waits for the lock or is being made. */
  isWriting = false;
  /** Whether it is on its way out of the guest; which side it is of, and what comes behind it. */
  private leaving = false;
  private side: Side = 'sq';
  private next: Next | undefined;
  /** Bursts that came meanwhile. */
  private readonly held: (readonly [cpuNs: number, code: number])[] = [];

  /** Announcements that were register writes, and that shadow doorbells made needless. */
  readonly rings: Record<Side, number> = { sq: 0, cq: 0 };
  readonly suppressed: Record<Side, number> = { sq: 0, cq: 0 };
  /** Time spent in register writes, waiting for the lock included, and in updates that wrote none, in ns. */
  exitNs = 0;
  updateNs = 0;

  /** @param thread the vCPU's, whose bursts with the codes of WRITE_BURST come to `burst` */
  constructor(options: DoorbellWritesOptions<Next>, thread: Thread) {
    this.options = options;
    this.thread = thread;
  }

  /** Begins a burst of the vCPU's, or holds it until a write has left the guest. */
  begin(cpuNs: number, code: number, nowNs: number): void {
    if (this.leaving) this.held.push([cpuNs, code]);
    else this.options.host.begin(this.thread, cpuNs, code, nowNs);
  }

  /** Spends what an announcement costs, then goes on with `next`. */
  spend(announced: Announced, side: Side, next: Next, nowNs: number): void {
    const { bus, costs, host, owner } = this.options;
    if (announced === 'ring') {
      count(this.rings, side);
      this.isWriting = true;
      this.leaving = true;
      this.side = side;
      this.next = next;
      host.begin(this.thread, bus.deliveryNs, WRITE_BURST.arrive, nowNs);
      return;
    }
    if (announced === 'suppressed') {
      count(this.suppressed, side);
      this.updateNs += costs.shadowUpdateNs;
    }
    owner.goOn(next, nowNs);
    if (announced === 'suppressed') host.spend(this.thread, costs.shadowUpdateNs, nowNs);
  }

  /** A burst of this file's is over. */
  burst(code: number, nowNs: number): void {
    if (code === WRITE_BURST.arrive) this.arrive(nowNs);
    else if (code === WRITE_BURST.rest) this.end(nowNs);
  }

  /** The device has taken the write, which left the guest at `arrivedNs`, and keeps the vCPU for `costNs` more. */
  taken(arrivedNs: number, takenNs: number, costNs: number): void {
    const { bus, host, owner } = this.options;
    this.exitNs += bus.deliveryNs + takenNs - arrivedNs + costNs;
    owner.goOn(this.next!, takenNs);
    if (bus.needsLock) {
      this.end(takenNs);
      host.spend(this.thread, costNs, takenNs);
    } else {
      host.begin(this.thread, costNs, WRITE_BURST.rest, takenNs);
    }
    host.unpark(this.thread, takenNs);
  }

  private arrive(nowNs: number): void {
    const { bus, host, pair } = this.options;
    this.leaving = false;
    host.park(this.thread);
    if (this.held.length > 0) for (const [cpuNs, code] of this.held.splice(0)) host.begin(this.thread, cpuNs, code, nowNs);
    bus.arrive(pair, this.side, nowNs, this);
  }

  private end(nowNs: number): void {
    this.isWriting = false;
    this.options.owner.written(nowNs);
  }
}

/** One more of a side's. */
function count(of: Record<Side, number>, side: Side): void {
  if (side === 'sq') of.sq += 1;
  else of.cq += 1;
}
