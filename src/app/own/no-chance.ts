// The same input gives the same bytes: while code of the user's runs, the clock and the random numbers of JavaScript are out of
// reach. A policy that read them would be another one in each run, and a verdict on it would say nothing.

import type { Watch } from './watch.js';

/** Makes `Date`, `performance.now`, `process.hrtime` and `Math.random` of this thread throw within calls that `watch` sees. Everything else of the thread goes on using them. */
export function withoutChance(watch: Watch): void {
  const refuse = (name: string): void => {
    if (watch.within) throw new Error(`${name} differs from run to run; the time of the simulation is view.nowNs`);
  };
  const guard = (owner: object, key: string, name: string): void => {
    const original = Reflect.get(owner, key) as (...args: unknown[]) => unknown;
    const apply = (target: typeof original, self: unknown, args: unknown[]): unknown => {
      refuse(name);
      return Reflect.apply(target, self, args);
    };
    Reflect.set(owner, key, new Proxy(original, { apply }));
  };
  guard(Math, 'random', 'Math.random()');
  guard(performance, 'now', 'performance.now()');
  guard(process, 'hrtime', 'process.hrtime()');
  guard(process.hrtime, 'bigint', 'process.hrtime.bigint()');
  guard(Date, 'now', 'Date.now()');
  globalThis.Date = new Proxy(Date, {
    apply(target, self, args) {
      refuse('Date()');
      return Reflect.apply(target, self, args);
    },
    construct(target, args, made) {
      if (args.length === 0) refuse('new Date()');
      return Reflect.construct(target, args, made) as Date;
    },
  });
}
