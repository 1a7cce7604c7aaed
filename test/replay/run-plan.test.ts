// Which runs a what-if needs, and that it doesn't matter who makes them.

import { expect, test } from 'vitest';
import { runsHere, sentSetting } from '../../src/app/runs.js';
import { makeRun } from '../../src/replay/run-plan.js';
import { planWhatIf, whatIf } from '../../src/replay/what-if.js';
import { OFF, ON, readCapture } from '../support/capture.js';

const BUILD = new URL('../../dist/src/app/work/runs.js', import.meta.url).href;
const { spreadRuns } = (await import(BUILD)) as typeof import('../../src/app/work/runs.js');

const { log, calibration, part, doorbells } = await readCapture(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url).pathname);
const REPEAT = 6;
const SETTING = {
  subject: { log, calibration, host: { cores: 1, loopWeight: 1.5 } },
  part,
  recorded: doorbells.mmio,
  recordedConfiguration: OFF,
  configuration: ON,
  seed: 3,
  repeat: REPEAT,
};
/** Of a prediction's runs, those with what isn't known at its most likely. */
const LIKELY = REPEAT / 2;

test('the self-check and the prediction have runs of their own', () => {
  expect(planWhatIf(SETTING).orders).toHaveLength(REPEAT + REPEAT);
});

test('a prediction of what was recorded shares its likely runs with the self-check', () => {
  const again = planWhatIf({ ...SETTING, configuration: { ...OFF } });
  expect(again.orders).toHaveLength(REPEAT + REPEAT - LIKELY);
  expect(new Set(again.orders.map(({ of }) => of))).toEqual(new Set(['recorded']));
});

test('a recording with shadow doorbells needs a baseline, of likely runs; a prediction without them shares those', () => {
  const recorded = { ...SETTING, recordedConfiguration: ON };
  const both = planWhatIf({ ...recorded, configuration: { ...ON, transport: { ...ON.transport, vcpuNs: 7_777 } } });
  expect(both.orders).toHaveLength(REPEAT + REPEAT + LIKELY);
  expect(planWhatIf({ ...recorded, configuration: OFF }).orders).toHaveLength(REPEAT + REPEAT);
  // The prediction shares half of the self-check's runs here.
  expect(planWhatIf({ ...recorded, configuration: ON }).orders).toHaveLength(REPEAT + REPEAT - LIKELY + LIKELY);
});

test('a shared run counts idle wakes for the self-check, and gives what it gives alone', () => {
  const setting = { ...SETTING, configuration: OFF };
  const { orders } = planWhatIf(setting);
  const counted = orders.filter(({ countsIdleWakes }) => countsIdleWakes === true);
  expect(counted.length).toBeGreaterThan(0);
  const { run, idleWakes } = makeRun(setting, counted[0]!);
  expect(idleWakes).toBeGreaterThan(0);
  expect(makeRun(setting, { of: 'predicted', seed: counted[0]!.seed, vary: false })).toEqual({ run, idleWakes: undefined });
});

test('runs made in threads are those made here, in the order of their orders', async () => {
  const { orders, resultOf } = planWhatIf(SETTING);
  const sent = sentSetting(SETTING, { shadow: true });
  const here = await runsHere(SETTING, sent, orders);
  const spread = await spreadRuns(sent, orders, 2);
  expect(spread).toEqual(here);
  expect(resultOf(spread)).toEqual(whatIf(SETTING));
});

test('an error in a thread is the error of all runs', async () => {
  const { orders } = planWhatIf(SETTING);
  await expect(spreadRuns(sentSetting(SETTING, { shadow: true, policy: 'no-such-policy' }), orders, 2)).rejects.toThrow('no-such-policy');
});
