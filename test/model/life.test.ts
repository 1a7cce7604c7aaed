// A controller's life beside its work: resets under each driver's care for its buffers, and commands that time out.

import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import type { DriverModel } from '../../src/model/driver/driver.js';
import { cqArmWhenFull, cqFollowHead, cqNever } from '../../src/model/policy/cq.js';
import { BARRIER, REREAD, type SqPolicy, publish } from '../../src/model/policy/policy.js';
import { armWhenEmpty } from '../../src/model/policy/sq.js';
import type { Scenario } from '../../src/model/scenario.js';
import { advance } from '../../src/nvme/ring.js';
import { FREE_WRITE, FixedWork, QEMU, type Run, oneByOne, run, times } from '../support/machine.js';

const driver = (name: string): DriverModel => DRIVERS.find((model) => model.name === name)!;
const N = 40;

/** Single commands on two queues, with a reset after some of them. */
function withReset(model: DriverModel, depth = 16): Run {
  const queues = [1, 2].map((qid) => ({ work: oneByOne(N), qid, sqDepth: depth }));
  return run(queues, { driver: model, shadow: true, scenario: { resetAfter: 30 }, maxEvents: 100_000 });
}

describe('a reset in the middle', () => {
  test.each(['linux-batched', 'linux-6.8', 'linux-6.13', 'spdk'])('%s goes on as before', (name) => {
    const result = withReset(driver(name));
    expect(result).toMatchObject({ stalls: [], hazards: [], reaped: 2 * N });
    expect(times(result, 'controller.reset').length).toBe(1);
    expect(times(result, 'queue.create').length).toBe(2 * 4);
    expect(times(result, 'dbbuf.config').length).toBe(2);
  });

  test('everything outstanding is done before it, and nothing is submitted until the queues are there again', () => {
    const result = withReset(driver('linux-batched'));
    const resetNs = times(result, 'controller.reset')[0]!;
    const enabledNs = times(result, 'controller.enable')[0]!;
    const before = (kind: 'command.setup' | 'command.reap'): number => times(result, kind).filter((at) => at <= resetNs).length;
    expect(before('command.setup')).toBe(before('command.reap'));
    expect(times(result, 'command.setup').filter((at) => at > resetNs && at < enabledNs)).toEqual([]);
  });

  test('linux-4.12 never sends the command again, and its queues stall', () => {
    const { stalls } = withReset(driver('linux-4.12'));
    expect(stalls.map(({ what }) => what)).toEqual(['commands wait in the SQ', 'commands wait in the SQ']);
  });

  test('linux-5.17 sends it when the first I/O is done: that rings, and what follows doesn\'t', () => {
    const result = withReset(driver('linux-5.17'));
    expect(times(result, 'dbbuf.config').length).toBe(2);
    expect(result.stalls.map(({ what, waiting }) => [what, waiting])).toEqual([['commands wait in the SQ', 1], ['commands wait in the SQ', 1]]);
  });

  // Old 700, new 1, EventIdx 699 or 700 of 1024 entries: with 699 the first announcement doesn't ring.
  test('linux-5.10 keeps the words: where the old EventIdx asks for nothing, the first command after a reset is lost', () => {
    const { stalls } = withReset(driver('linux-5.10'));
    expect(stalls).toContainEqual(expect.objectContaining({ what: 'commands wait in the SQ', waiting: 1 }));
  });

  test('without shadow doorbells any driver goes on', () => {
    for (const model of DRIVERS) {
      const result = run([{ work: oneByOne(N) }], { driver: model, scenario: { resetAfter: 10 } });
      expect(result).toMatchObject({ stalls: [], reaped: N });
    }
  });

  test.each(DEVICES.map((device) => [device.name, device] as const))('%s forgets its buffers, and takes them again', (_, device) => {
    const model = driver(device.accepts === 'C0h' ? 'google-2014' : 'linux-batched');
    const careful = { ...model, buffers: { ...driver('linux-batched').buffers, command: model.buffers.command } };
    const { sqPolicy, cqPolicy } = device;
    const result = run([{ work: new FixedWork([3, 1, 4, 1, 5, 2, 3, 3], 8) }], { device, driver: careful, sqPolicy, cqPolicy, shadow: true, scenario: { resetAfter: 9 } });
    expect(result).toMatchObject({ stalls: [], hazards: [], reaped: 22 });
    expect(times(result, 'dbbuf.config').length).toBe(device.accepts === undefined ? 0 : 2);
  });
});

describe('a command that times out', () => {
  const IO_TIMEOUT_NS = 30e9;
  const timeouts: Scenario = { ioTimeoutNs: IO_TIMEOUT_NS };
  /** Asks for the next but one, and so loses the next. */
  const oneAhead: SqPolicy = {
    name: 'one-ahead', id: 'T', side: 'sq', formula: '', provenance: 'test', risk: '',
    program: { onStart: [REREAD], onCommand: [publish((view) => advance(view.position, 1, view.depth)), BARRIER, REREAD], onEmpty: [] },
  };

  test('leads to a reset after twice the timeout, which submits it again', () => {
    const result = run([{ work: oneByOne(3) }], { shadow: true, sqPolicy: oneAhead, scenario: timeouts });
    const [resetNs] = times(result, 'controller.reset');
    const [first] = result.stalls;
    expect(first).toMatchObject({ qid: 1, what: 'commands wait in the SQ', waiting: 1, recovered: 'controller reset' });
    expect(resetNs).toBe(first!.atNs + 2 * IO_TIMEOUT_NS);
    // The first command after a reset rings, the second is lost again, and so on until all are done.
    expect(result).toMatchObject({ reaped: 3, runaway: false });
    expect(result.stalls.every(({ recovered }) => recovered === 'controller reset')).toBe(true);
  });

  test('without a timeout the run ends there', () => {
    const result = run([{ work: oneByOne(3) }], { shadow: true, sqPolicy: oneAhead });
    expect(result.reaped).toBe(1);
    expect(result.stalls).toMatchObject([{ qid: 1, atNs: result.durationNs, what: 'commands wait in the SQ', waiting: 1 }]);
  });

  test('a driver whose resets get nothing done gives up', () => {
    const deaf: SqPolicy = { ...oneAhead, program: { onStart: [], onCommand: [], onEmpty: [] } };
    const result = run([{ work: oneByOne(3) }], { shadow: true, sqPolicy: deaf, transport: { ...FREE_WRITE, notifies: false }, scenario: timeouts });
    expect(result).toMatchObject({ reaped: 0, runaway: false });
    expect(result.stalls.at(-1)).not.toHaveProperty('recovered');
    expect(result.stalls.length).toBeLessThan(10);
  });

  test('a full CQ that nobody tells the device of ends in a reset too', () => {
    const full = { work: new FixedWork([6, 6], 6), sqDepth: 8, cqDepth: 5 };
    const lost = run([full], { shadow: true, cqPolicy: cqNever, scenario: timeouts });
    expect(lost.stalls[0]).toMatchObject({ what: 'completions wait for the CQ', recovered: 'controller reset' });
    expect(lost.reaped).toBe(12);
    expect(run([{ ...full, work: new FixedWork([6, 6], 6) }], { shadow: true, cqPolicy: cqArmWhenFull, scenario: timeouts }).stalls).toEqual([]);
  });
});

describe('a device that is told late', () => {
  test('linux 6.8 and later write registers until then', () => {
    const result = run([{ work: oneByOne(10) }], { driver: driver('linux-6.8'), shadow: true, sqPolicy: armWhenEmpty, cqPolicy: cqFollowHead, scenario: { configAfterNs: 400_000 } });
    expect(result).toMatchObject({ stalls: [], reaped: 10 });
  });

  test('a device that takes buffers and looks finds what was stored before', () => {
    const looks = { ...QEMU, atConfig: ['looks at its queues' as const] };
    const result = run([{ work: oneByOne(10) }], { device: looks, driver: driver('linux-5.17'), shadow: true, scenario: { configAfterNs: 400_000 } });
    expect(result).toMatchObject({ stalls: [], reaped: 10 });
    // One that writes its own index there instead makes the driver's next announcement start from it.
    const writes = run([{ work: oneByOne(10) }], { driver: driver('linux-5.17'), shadow: true, scenario: { configAfterNs: 400_000 } });
    expect(writes.stalls).toEqual([expect.objectContaining({ what: 'commands wait in the SQ' })]);
  });

  test('one that also publishes them makes the next announcement ring, which covers what was lost before', () => {
    const openvmm = DEVICES.find(({ name }) => name === 'openvmm')!;
    const { sqPolicy, cqPolicy } = openvmm;
    // The second command is lost; the third is announced when the device has the buffers.
    const work = new FixedWork([1, 1, 1], 3, { afterSubmit: 300_000 });
    const result = run([{ work }], { device: openvmm, driver: driver('linux-5.17'), sqPolicy, cqPolicy, shadow: true, scenario: { configAfterNs: 400_000 } });
    expect(result).toMatchObject({ stalls: [], reaped: 3 });
    const [, second, third] = times(result, 'command.fetch');
    const setups = times(result, 'command.setup');
    expect(second!).toBeGreaterThan(setups[2]!);
    expect(third!).toBeGreaterThan(second!);
  });
});
