// `replay --workload` as a user calls it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const SMALL = { name: 'small', jobs: [{ iodepth: 4, commands: 500, count: 2 }], device: { service: { read: { exponential: '20us' } } } };

function folderWith(file: object = SMALL): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'small.json'), JSON.stringify(file));
  return folder;
}

test('a file is replayed into a new store, with the keys of a replay', async () => {
  const folder = folderWith();
  const { code, stdout, stderr } = await bellwether(folder, 'replay', '--workload', './small.json', '--repeat', '3', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    run: { name: 'small/shadow-on/follow-tail+follow-head', parameters: { workload: 'small', repeat: 3, loop: 'closed' } },
    baseline: { source: 'replayed with shadow doorbells off' },
    predicted: { commands: 1000, stalls: [] },
    baselines: {},
    self_check: null,
  });
  const { mmio, saved, queues, stages } = result.predicted;
  expect(saved.fraction).toBeCloseTo(1 - mmio.total / result.baseline.mmio.total, 12);
  const sum = (of: (queue: { mmio: { sq: number }; suppressed: { sq: number }; commands: number }) => number): number => queues.map(of).reduce((a: number, b: number) => a + b, 0);
  expect(sum(({ mmio: { sq } }) => sq)).toBe(mmio.sq);
  // One command a batch: each announcement is a ring or suppressed.
  expect(sum(({ mmio: { sq }, suppressed }) => sq + suppressed.sq)).toBe(sum(({ commands }) => commands));
  expect(Object.keys(stages)).toEqual(['submit_to_announce', 'announce_to_fetch', 'fetch_to_complete', 'complete_to_interrupt', 'interrupt_to_reap', 'total']);
  expect(stages.total.count).toBe(1000);

  const query = await bellwether(folder, 'query', "SELECT name, trace, parameters ->> 'workload' AS workload FROM runs", '--json');
  expect(JSON.parse(query.stdout).rows).toEqual([{ name: result.run.name, trace: null, workload: 'small' }]);
  const exported = await bellwether(folder, 'export', result.run.name, '-o', 'run.csv');
  expect(exported).toMatchObject({ code: 0, stderr: expect.stringMatching(/^runs: 1 row/) });
});

test('the same call gives the same bytes, and text says the same as JSON', async () => {
  const folder = folderWith();
  const args = ['replay', '--workload', 'small.json', '--repeat', '2', '--seed', '7'];
  const [first, second, json] = [await bellwether(folder, ...args), await bellwether(folder, ...args), await bellwether(folder, ...args, '--json')];
  expect(first.stdout).toBe(second.stdout);
  const { predicted } = JSON.parse(json.stdout);
  expect(first.stdout).toMatch(new RegExp(`\\npredicted +${predicted.mmio.sq} +${predicted.mmio.cq} +${predicted.mmio.total}\\n`));
  expect(first.stdout).toContain('no recording that the model could be checked against');
});

test('flags go before what the file names', async () => {
  const folder = folderWith({ ...SMALL, machine: { policy: 'follow-head', transport: { vcpu: '3us', delivery: '2us' } } });
  const run = async (...flags: string[]): Promise<object> =>
    JSON.parse((await bellwether(folder, 'replay', '--workload', 'small.json', '--repeat', '1', '--json', ...flags)).stdout).run.parameters;
  expect(await run()).toMatchObject({ policy: 'follow-head', transport: 'as described' });
  expect(await run('--policy', 'arm-when-empty', '--transport', 'ioeventfd')).toMatchObject({ policy: 'arm-when-empty', transport: 'ioeventfd' });
});

test.each([
  ['neither trace nor workload', [], /name a trace, or a workload/],
  ['both', ['t', '--workload', 'small.json'], /one of the two/],
  ['open loop', ['--workload', 'small.json', '--open-loop'], /--workload/],
  ['an unknown name', ['--workload', 'fio-2015'], /There are: fio-2014/],
])('%s is refused', async (_, args, message) => {
  const { code, stdout, stderr } = await bellwether(folderWith(), 'replay', ...args);
  expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
  expect(stderr).toMatch(message);
});

test('list workloads names what --workload takes', async () => {
  const { stdout } = await bellwether(tempFolder(), 'list', 'workloads', '--json');
  const names = (JSON.parse(stdout).workloads as { name: string }[]).map(({ name }) => name);
  expect(names).toContain('fio-2014');
  for (const name of names) {
    expect((await bellwether(tempFolder(), 'replay', '--workload', name, '--repeat', '1')).code).toBe(0);
  }
});
