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
  const { steps, queues, host, idleWakes } = json.calibration;
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
