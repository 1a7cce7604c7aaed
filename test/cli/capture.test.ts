// How to capture, by the real binary.

import { expect, test } from 'vitest';
import { bellwether } from '../support/bellwether.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();

test('without a kind: the kinds; with one: its commands; with another: what there is', async () => {
  const list = await bellwether(folder, 'capture');
  expect([list.code, list.stdout.split('\n').filter((line) => line.startsWith('qemu-log ')).length]).toEqual([0, 1]);
  const one = await bellwether(folder, 'capture', 'qemu-log');
  expect(one.stdout).toContain("-trace 'pci_nvme*' -msg timestamp=on -D qemu.log");
  const { recipes } = JSON.parse((await bellwether(folder, 'capture', 'kvm', '--json')).stdout) as { recipes: { kind: string }[] };
  expect(recipes.map(({ kind }) => kind)).toEqual(['kvm']);
  expect(await bellwether(folder, 'capture', 'telepathy')).toMatchObject({ code: 2, stderr: expect.stringContaining('mmiotrace') });
});
