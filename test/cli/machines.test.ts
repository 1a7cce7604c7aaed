// Machines as they are named on the command line: what is printed and stored, and what doesn't go together.
/* oxlint-disable typescript/no-explicit-any -- what a command prints as JSON */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue, configurationOf } from '../../src/app/catalogue.js';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { withJsonKeys } from '../../src/cli/json-keys.js';
import { bellwether } from '../support/bellwether.js';

const OFF = 'randread32-off-1';

describe('replay', () => {
  let folder: string;

  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-machines-'));
    copyFileSync(join(import.meta.dirname, `../../fixtures/qemu-log/${OFF}.qemu.log.gz`), join(folder, `${OFF}.qemu.log.gz`));
    expect((await bellwether(folder, 'ingest', `${OFF}.qemu.log.gz`)).code).toBe(0);
  });

  const replay = async (...args: readonly string[]): Promise<any> => {
    const { code, stdout, stderr } = await bellwether(folder, 'replay', OFF, '--repeat', '2', '--json', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  it('shows a weakness of the 2014 driver as a stall with time and queue, and the mend without it', async () => {
    const weak = await replay('--driver', 'google-2014', '--scenario', 'reset=500');
    expect(weak.run.parameters).toMatchObject({ driver: 'google-2014', device: 'c0h', scenario: ['reset=500'] });
    expect(weak.predicted.stalls.length).toBeGreaterThan(0);
    for (const { qid, at_ns: atNs, waiting } of weak.predicted.stalls) expect([qid > 0, atNs > 0, waiting > 0]).toEqual([true, true, true]);
    const mended = await replay('--driver', 'google-2014', '--mend', 'reset,unmap', '--scenario', 'reset=500');
    expect(mended.run.parameters.driver).toBe('google-2014+reset+unmap');
    expect(mended.predicted).toMatchObject({ stalls: [], hazards: [] });
    expect(mended.run.key).not.toBe(weak.run.key);
    expect(mended.predicted.commands).toBeGreaterThan(weak.predicted.commands);
  });

  it('prints stalls and hazards for readers', async () => {
    const { stdout } = await bellwether(folder, 'replay', OFF, '--repeat', '2', '--driver', 'google-2014', '--scenario', 'refused');
    expect(stdout).toContain('scenario: refused');
    expect(stdout).toMatch(/HAZARD +queue \d+ from .* on: freed doorbell memory used/);
  });

  it('says how a register write reached the device', async () => {
    const { transport, run, predicted } = await replay('--device', 'spdk-poll');
    expect(transport).toMatchObject({ name: 'forwarded', vcpu_ns: 9_000, wake_ns: 5_000 });
    expect(run.parameters.transport).toBe('forwarded');
    expect(predicted.device_polling_ns).toBeGreaterThan(0);
  });

  it.each([
    [['--device', 'pci-epf'], 'no shadow doorbells'],
    [['--driver', 'google-2014', '--device', 'qemu'], 'C0h'],
    [['--driver', 'linux-6.13', '--device', 'c0h'], '7Ch'],
    [['--transport', 'mapped-bar'], 'wakes nobody'],
    [['--transport', 'ioeventfd', '--shadow', 'off'], 'loses the doorbell'],
    [['--mend', 'barrier'], 'nothing to mend'],
    [['--driver', 'google-2014', '--mend', 'everything'], '--mend takes: all, barrier'],
    [['--scenario', 'flood'], '--scenario takes: refused'],
    [['--scenario', 'reset'], 'reset=N'],
    [['--scenario', 'reset=0'], 'reset=N'],
    [['--scenario', 'reset=1e3'], 'reset=N'],
    [['--scenario', 'refused=1'], 'refused alone'],
    [['--scenario', 'reset=1=2'], 'reset=N'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await bellwether(folder, 'replay', OFF, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('list', () => {
  it('shows all of them, in JSON as in text', async () => {
    for (const topic of ['drivers', 'devices', 'transports', 'scenarios'] as const) {
      const [text, json] = await Promise.all([bellwether('.', 'list', topic), bellwether('.', 'list', topic, '--json')]);
      expect([text.code, json.code]).toEqual([0, 0]);
      const listed = (JSON.parse(json.stdout) as Record<string, readonly { name: string }[]>)[topic]!;
      expect(listed).toEqual(withJsonKeys(catalogue()[topic]));
      for (const { name } of listed) expect(text.stdout).toContain(name);
    }
  });
});

it('every device can be named, with the driver and the transport that go with it', () => {
  for (const { name, accepts } of DEVICES) {
    const { device, driver } = configurationOf({ shadow: accepts !== undefined, device: name });
    expect(device.name).toBe(name);
    if (accepts !== undefined) expect(driver.buffers.command).toBe(accepts);
  }
});
