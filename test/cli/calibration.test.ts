// `info --calibration` and `replay --open-loop` by the real binary.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const CAPTURE = fileURLToPath(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url));

async function ingested(): Promise<string> {
  const folder = tempFolder();
  expect((await bellwether(folder, 'ingest', CAPTURE, '--quiet')).code).toBe(EXIT.ok);
  return folder;
}

test('info --calibration: the same steps in text and JSON; without the flag, none', async () => {
  const folder = await ingested();
  const json = JSON.parse((await bellwether(folder, 'info', '1', '--calibration', '--json')).stdout);
  const { steps, queues, host, idle_wakes: idleWakes } = json.calibration;
  expect(queues.map(({ queue, window }: { queue: number; window: number }) => [queue, window])).toEqual([[1, 32], [2, 32]]);
  expect(host).toMatchObject({ threads: 'turns', cores: 1 });
  expect(idleWakes).toBeGreaterThan(0);
  const { stdout } = await bellwether(folder, 'info', '1', '--calibration');
  for (const { step, count } of steps as { step: string; count: number }[]) expect(stdout).toMatch(new RegExp(`\\n${step} +\\d? +${count} `));
  expect(JSON.parse((await bellwether(folder, 'info', '1', '--json')).stdout)).not.toHaveProperty('calibration');
});

test('replay --open-loop is another run than the closed loop', async () => {
  const folder = await ingested();
  const replay = async (...flags: string[]): Promise<{ run: { name: string; key: string; parameters: object } }> =>
    JSON.parse((await bellwether(folder, 'replay', '1', '--repeat', '1', '--json', ...flags)).stdout);
  const [closed, open] = [await replay(), await replay('--open-loop')];
  expect(open.run.parameters).toMatchObject({ loop: 'open' });
  expect(open.run.name).toBe(`${closed.run.name}/open-loop`);
  expect(open.run.key).not.toBe(closed.run.key);
});

test('captures without the steps of the device are refused, by what they lack, with the way out', async () => {
  const folder = tempFolder();
  const others = ['mmiotrace/randread32-off.mmiotrace.gz', 'ftrace/guest-rebind.trace.gz'].map((file) => fileURLToPath(new URL(`../../fixtures/${file}`, import.meta.url)));
  expect((await bellwether(folder, 'ingest', ...others, '--quiet')).code).toBe(EXIT.ok);
  for (const command of [['replay', '1'], ['info', '1', '--calibration'], ['replay', '2']]) {
    const { code, stderr } = await bellwether(folder, ...command);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('does not show that the device fetches or completes I/O commands');
    expect(stderr).toContain('--join');
  }
});
