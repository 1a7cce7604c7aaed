// Backtests over the bundled captures: what is printed, and how the command ends.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ValidateResult } from '../../src/app/validate.js';
import { bellwether } from '../support/bellwether.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/qemu-log');
const OFF = 'randread32-off-1';
const ON = 'randread32-on-1';

describe('validate', () => {
  let folder: string;

  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-validate-'));
    for (const name of [OFF, ON]) copyFileSync(join(FIXTURES, `${name}.qemu.log.gz`), join(folder, `${name}.qemu.log.gz`));
    const { code } = await bellwether(folder, 'ingest', `${OFF}.qemu.log.gz`, `${ON}.qemu.log.gz`);
    expect(code).toBe(0);
  });

  it('compares the prediction with each capture, side by side', async () => {
    const { code, stdout } = await bellwether(folder, 'validate', OFF, '--against', ON, '--repeat', '4', '--max-error', '1', '--json');
    const { predicted, captured, error, baseline, baselines, covered } = JSON.parse(stdout) as ValidateResult;
    expect(code).toBe(0);
    expect(captured.map(({ name }) => name)).toEqual([ON]);
    const [{ mmio, saved }] = captured as [(typeof captured)[0]];
    expect(saved).toBeCloseTo(1 - mmio.total / baseline.mmio.total, 12);
    expect(error.saved).toBeCloseTo(predicted.saved.fraction - saved, 12);
    expect(error.sq).toBeCloseTo(predicted.mmio.sq / mmio.sq - 1, 12);
    expect(covered).toBe(saved >= predicted.saved.low && saved <= predicted.saved.high);
    expect(Object.keys(baselines).length).toBe(3);
  });

  it('ends with 5 when the error is above the limit, and prints all the same', async () => {
    const { code, stdout } = await bellwether(folder, 'validate', OFF, '--against', ON, '--repeat', '2', '--max-error', '0');
    expect(code).toBe(5);
    expect(stdout).toContain('FAILED');
    expect(stdout).toContain(ON);
  });

  it.each([
    [['validate', OFF, '--against', OFF], 'shadow doorbells off'],
    [['validate', OFF, '--against', ON, '--max-error', 'much'], 'not a fraction'],
    [['validate', OFF, '--against', ON, '--max-error', ''], 'not a fraction'],
    [['validate', OFF, '--against', 'nothing'], 'no trace is called'],
    [['validate', OFF], 'against'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await bellwether(folder, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('predicts the other way from a capture with shadow doorbells on', async () => {
    const { code, stdout } = await bellwether(folder, 'validate', ON, '--against', OFF, '--repeat', '2', '--max-error', '1', '--json');
    expect(code).toBe(0);
    const { predicted, captured } = JSON.parse(stdout) as ValidateResult;
    expect(predicted.mmio.sq).toBe(captured[0]!.mmio.sq);
  });
});
