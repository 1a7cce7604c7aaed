// From the stamps of a trace clock to the trace's time. [LINUX Documentation/trace/ftrace.rst "trace_clock"]

import type { Clock } from '../../trace/event.js';
import type { TimeBase } from './stream.js';
import type { CounterRate, Tables } from './tables.js';

/** Trace clocks that count nanoseconds. What each is to the rest of the machine: */
const NANOSECOND_CLOCKS: ReadonlyMap<string, Clock> = new Map<string, Clock>([
  // No name: the kernel's default, local.
  ['', 'trace'],
  ['local', 'trace'],
  ['global', 'trace'],
  ['perf', 'trace'],
  ['mono', 'monotonic'],
  // Runs at the hardware's own rate, unlike CLOCK_MONOTONIC.
  ['mono_raw', 'trace'],
  ['boot', 'boot'],
  ['tai', 'trace'],
]);

/** The clock that events carry. Counters of no unit give an order and no times. */
export function clockOf(name: string, tables: Tables): Clock {
  const clock = tables.counterRate === undefined ? NANOSECOND_CLOCKS.get(name) : 'trace';
  if (clock === undefined) return 'none';
  return tables.hasDate ? 'realtime' : clock;
}

/** Turns distances from the base, in units of the clock, into nanoseconds since the first of them. */
export class TimeScale {
  private readonly base: TimeBase;
  private readonly rate: CounterRate | undefined;
  /** Distance of the first record from the base; NaN before it. */
  private origin = NaN;
  private originScaled = 0n;

  constructor(base: TimeBase, rate: CounterRate | undefined) {
    this.base = base;
    this.rate = rate;
  }

  /** The first call sets the zero. NaN for a time more than 2^53 - 1 ns away from it. */
  relativeNs(time: number): number {
    if (Number.isNaN(this.origin) && Number.isSafeInteger(time)) {
      this.origin = time;
      this.originScaled = this.scaled(time);
    }
    if (!Number.isSafeInteger(time)) return NaN;
    const relative = this.rate === undefined ? time - this.origin : Number(this.scaled(time) - this.originScaled);
    return Number.isSafeInteger(relative) ? relative : NaN;
  }

  /** The zero on the trace's clock, `offsetNs` added; within 64 bits. 0n without records. */
  originNs(offsetNs: bigint): bigint {
    return Number.isNaN(this.origin) ? 0n : BigInt.asIntN(64, this.originScaled + offsetNs);
  }

  private scaled(time: number): bigint {
    const stamp = (BigInt(this.base.high) << 32n) + BigInt(this.base.low) + BigInt(time);
    return this.rate === undefined ? stamp : (stamp * this.rate.mult) >> this.rate.shift;
  }
}
