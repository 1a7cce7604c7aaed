// Comparisons: of captures, of runs, of one with the other; thresholds and exit codes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompareResult } from '../../src/app/compare.js';
import { bellwether } from '../support/bellwether.js';
import { sharedPair } from '../support/pair.js';

const folder = sharedPair(async (own) => {
  expect((await bellwether(own, 'replay', 'randread32-off-1', '--repeat', '6')).code).toBe(0);
});

async function compared(...args: readonly string[]): Promise<CompareResult & { readonly code: number | null }> {
  const { code, stdout } = await bellwether(folder, 'compare', ...args, '--json');
  return { ...(JSON.parse(stdout) as CompareResult), code };
}

function delta({ deltas }: CompareResult, metric: string) {
  return deltas.find((one) => one.metric === metric)!;
}

describe('bellwether compare', () => {
  it('finds the difference between shadow doorbells off and on, beyond noise', async () => {
    const result = await compared('randread32-off-1', 'randread32-on-1');
    const total = delta(result, 'mmio.total');
    expect(total).toMatchObject({ a: 6591, unit: 'count', verdict: 'less', difference: total.b - 6591 });
    expect(total.relative).toBeCloseTo(total.b / 6591 - 1, 10);
    expect(total.low!).toBeLessThan(total.difference);
    expect(total.high!).toBeLessThan(0);
    expect(delta(result, 'queue.1.mmio.sq').a).toBe(2995);
    expect(result.code).toBe(0);
  });

  it('finds no difference between a trace and itself', async () => {
    const { deltas } = await compared('randread32-off-1', 'randread32-off-1');
    expect(deltas.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
    expect(deltas.length).toBeGreaterThan(10);
  });

  it('compares a trace with a run, and names what it took', async () => {
    const result = await compared('randread32-on-1', 'run:1');
    expect(result).toMatchObject({ a: { kind: 'trace' }, b: { kind: 'run', name: 'randread32-off-1/shadow-on/follow-tail+follow-head' } });
    expect(delta(result, 'mmio.total').low).not.toBeNull();
  });

  it('ends with exit code 5 when a threshold is crossed beyond noise', async () => {
    const crossed = await compared('randread32-off-1', 'randread32-on-1', '--fail-if', 'mmio.total < -50%', '--fail-if', 'mmio.total > +5%', '--fail-if', 'commands > 0');
    expect(crossed.code).toBe(5);
    expect(crossed.exceeded).toMatchObject([{ threshold: 'mmio.total < -50%', counts: true }]);
    expect((await compared('randread32-off-1', 'randread32-on-1', '--fail-if', 'mmio.total > +5%')).code).toBe(0);
  });

  it('sums up in a line, and says by how much a threshold was crossed', async () => {
    const same = await bellwether(folder, 'compare', 'randread32-off-1', 'randread32-off-1');
    expect(same.stdout).toMatch(/^No difference beyond noise\.$/m);
    const { code, stdout } = await bellwether(folder, 'compare', 'randread32-off-1', 'randread32-on-1', '--fail-if', 'mmio.sq < -1000');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^\d+ of \d+ metrics differ beyond noise; of \d+ the noise isn't known\.$/m);
    expect(stdout).toMatch(/^FAILED {2}mmio\.sq < -1000: mmio\.sq differs by -5,503 \(-91\.7 %\)$/m);
  });

  it('leaves out what a capture without commands has no number for', async () => {
    const maps = ['off', 'on'].map((state) => join(import.meta.dirname, `../../fixtures/mmiotrace/randread32-${state}.mmiotrace.gz`));
    expect((await bellwether(folder, 'ingest', '-q', '--db', 'maps.db', ...maps)).code).toBe(0);
    const { code, stdout } = await bellwether(folder, 'compare', '1', '2', '--db', 'maps.db');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/NaN|Infinity|per_command/);
    expect(stdout).toMatch(/^No difference is known to be beyond noise, of 8 metrics; of 5 the noise isn't known\.$/m);
  });

  it.each([['mmio.total > lots', 'not a threshold'], ['mmio.totals > 5', 'no metric "mmio.totals"']])('refuses %j', async (threshold, message) => {
    const { code, stderr } = await bellwether(folder, 'compare', 'randread32-off-1', 'randread32-on-1', '--fail-if', threshold);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says when there is no such trace or run', async () => {
    const { code, stderr } = await bellwether(folder, 'compare', 'randread32-off-1', 'run:nothing');
    expect([code, stderr]).toEqual([2, expect.stringContaining('no run')]);
  });

  it('writes charts of both sides, and prints plain text into a pipe', async () => {
    const { code, stdout } = await bellwether(folder, 'compare', 'randread32-off-1', 'randread32-on-1', '-o', 'c.html', '-o', 'c.svg', '-o', 'c.csv');
    expect(code).toBe(0);
    for (const drawn of ['\u001b', '█']) expect(stdout.includes(drawn)).toBe(false);
    expect(stdout).toMatch(/^mmio\.total +6,591 +[\d,]+ +-[\d,]+ +-\d+\.\d %/m);
    expect([...readFileSync(join(folder, 'c.html'), 'utf8').matchAll(/<figure id="figure-([a-z]+)"/g)].map(([, id]) => id)).toEqual(['compare', 'mmio', 'rates', 'occupancy']);
    expect((await bellwether(folder, 'compare', 'randread32-on-1', 'run:1', '-o', 'with-run.html')).code).toBe(0);
    expect(readFileSync(join(folder, 'with-run.html'), 'utf8')).toContain('figure-occupancy');
    expect(readFileSync(join(folder, 'c.csv'), 'utf8')).toMatch(/^mmio\.total,count,6591,/m);
  });
});
