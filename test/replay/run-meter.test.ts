import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import { RunMeter } from '../../src/replay/run-meter.js';
import { writeEvents } from '../support/events.js';
import { HistoryMeter } from '../support/history-meter.js';
import { load, play } from '../support/loads.js';
import { type Run, T, leisurely, oneByOne, run } from '../support/machine.js';
import { BARRIER, REREAD, type SqPolicy, publish } from '../../src/model/policy/policy.js';
import { advance } from '../../src/nvme/ring.js';
import { holds } from '../support/property.js';

function measured({ events }: Run): RunMeter {
  const meter = new RunMeter();
  writeEvents(events, (batch) => meter.push(batch), 64);
  return meter;
}

test('stages and occupancy are those that a history tells, on any load', () => {
  holds(
    fc.property(load, (some) => {
      const result = play(some);
      const reference = new HistoryMeter();
      const history = new History(reference.observers);
      writeEvents(result.events, (batch) => history.push(batch), 64);
      const meter = measured(result);
      expect(meter.stages()).toEqual(reference.stages());
      expect(meter.perQueue(result.durationNs)).toEqual(reference.perQueue(result.durationNs));
    }),
    200,
  );
});

test('one command at a time: each stage is what its steps take', () => {
  const n = 20;
  const result = run([{ work: leisurely(n) }]);
  const { stages, occupancy } = measured(result).perQueue(result.durationNs)[0]!;
  // A histogram's quantile is right within 1 / 64.
  for (const [stage, ns] of [['announce_to_fetch', T.wake], ['interrupt_to_reap', T.handler]] as const) {
    expect(stages[stage].count).toBe(n);
    expect(Math.abs(stages[stage].p50Ns / ns - 1)).toBeLessThanOrEqual(1 / 64);
  }
  expect(occupancy.sq.max).toBe(1);
});

test('a command that a reset took is measured from its first set-up', () => {
  // No doorbell but the first after a reset reaches the device: each other command waits for two timeouts.
  const deafUntilReset: SqPolicy = {
    name: 'one-ahead', id: 'T', side: 'sq', formula: '', provenance: 'test', risk: '',
    program: { onStart: [REREAD], onCommand: [publish((view) => advance(view.position, 1, view.depth)), BARRIER, REREAD], onEmpty: [] },
  };
  const ioTimeoutNs = 1e9;
  const result = run([{ work: oneByOne(3) }], { shadow: true, sqPolicy: deafUntilReset, scenario: { ioTimeoutNs } });
  const waited = result.stalls.length;
  expect({ reaped: result.reaped, waited }).toEqual({ reaped: 3, waited: 2 });
  const { total } = measured(result).stages();
  expect(total.count).toBe(3);
  expect(total.p99Ns).toBeGreaterThan(2 * ioTimeoutNs * (1 - 1 / 64));
  expect(total.p50Ns).toBeGreaterThan(2 * ioTimeoutNs * (1 - 1 / 64));
});

test('stages add up to the whole', () => {
  const { total, ...parts } = measured(run([{ work: leisurely(20) }])).stages();
  const sum = Object.values(parts).reduce((all, { p50Ns }) => all + p50Ns, 0);
  expect(sum / total.p50Ns).toBeCloseTo(1, 1);
});
