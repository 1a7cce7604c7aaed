// Reports as a user asks for them: every chart in every format, from a stored run and without one.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReportResult } from '../../src/app/report.js';
import { bellwether } from '../support/bellwether.js';
import { ON_FILE, pairFolder, sharedPair } from '../support/pair.js';

const REPEAT = ['--repeat', '4'];
const folder = sharedPair(async (own) => {
  expect((await bellwether(own, 'replay', 'randread32-off-1', ...REPEAT)).code).toBe(0);
});

function read(name: string): Buffer {
  return readFileSync(join(folder, name));
}

describe('charts of a what-if', () => {
  it.each(['mmio', 'saved', 'rings', 'mmio-over-time', 'occupancy', 'latency'])('report %s writes every format', async (chart) => {
    const files = ['svg', 'png', 'html', 'vl.json', 'csv'].map((ending) => `${chart}.${ending}`);
    const { code, stdout, stderr } = await bellwether(folder, 'report', chart, 'randread32-off-1', '--against', 'randread32-on-1', ...REPEAT, ...files.flatMap((file) => ['-o', file]), '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as ReportResult).files).toEqual(files);
    expect(read(files[0]!).toString()).toMatch(/^<svg /);
    expect(read(files[1]!).subarray(1, 4).toString()).toBe('PNG');
    expect(read(files[2]!).toString()).toContain('<h1>');
    expect(JSON.parse(read(files[3]!).toString())).toHaveProperty('$schema');
    expect(read(files[4]!).toString().split('\n').length).toBeGreaterThan(2);
  });

  it('counts the same writes in each table', async () => {
    await bellwether(folder, 'report', 'rings', 'randread32-off-1', ...REPEAT, '-o', 'same-rings.csv');
    await bellwether(folder, 'report', 'mmio-over-time', 'randread32-off-1', ...REPEAT, '-o', 'same-rates.csv');
    const column = (name: string, run: string, ...keys: readonly string[]): number => {
      const [header = '', ...lines] = read(name).toString().trim().split('\n').map((line) => line.replaceAll(/"([^"]*)"/g, (text) => text.replaceAll(',', ';')));
      const places = keys.map((key) => header.split(',').indexOf(key));
      return lines.map((line) => line.split(',')).filter((cells) => cells.includes(run)).reduce((sum, cells) => sum + places.reduce((own, place) => own + Number(cells[place]), 0), 0);
    };
    for (const run of ['recorded', 'predicted']) {
      const rings = column('same-rings.csv', run, 'rings');
      expect(rings).toBeGreaterThan(100);
      expect(column('same-rates.csv', run, 'sq_writes', 'cq_writes')).toBe(rings);
    }
    // The steady part of the recording, which leaves some of its 6,591 writes out.
    expect(column('same-rings.csv', 'recorded', 'rings')).toBeGreaterThan(6400);
    expect(column('same-rings.csv', 'recorded', 'rings')).toBeLessThanOrEqual(6591);
  });

  it('is as large as asked, in the theme asked for', async () => {
    await bellwether(folder, 'report', 'mmio', 'randread32-off-1', ...REPEAT, '--width', '1280', '--height', '720', '--theme', 'dark', '-o', 'slide.svg');
    expect(read('slide.svg').toString()).toMatch(/width="1280" height="720".*#17191C/s);
    const { code, stderr } = await bellwether(folder, 'report', 'mmio', 'randread32-off-1', ...REPEAT, '--width', '99999', '-o', 'slide.svg');
    expect([code, stderr]).toEqual([2, expect.stringContaining('width 99999')]);
  });

  it('uses a stored run: the same bytes as without it', async () => {
    const other = await pairFolder();
    const args = ['report', 'review', 'randread32-off-1', ...REPEAT, '-o', 'review.html'];
    const outcomes = [await bellwether(folder, ...args), await bellwether(other, ...args)];
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(read('review.html').equals(readFileSync(join(other, 'review.html')))).toBe(true);
  });

  it('shows a recording with shadow doorbells beside its replay without them', async () => {
    const args = ['randread32-on-1', '--shadow', 'off', ...REPEAT];
    expect((await bellwether(folder, 'report', 'mmio', ...args, '-o', 'without.csv')).code).toBe(0);
    expect(read('without.csv').toString().split('\n').slice(1).map((line) => line.split(',')[0])).toEqual(['recorded', 'predicted', '']);
    const { code, stderr } = await bellwether(folder, 'report', 'saved', ...args, '-o', 'without.svg');
    expect([code, stderr]).toEqual([3, expect.stringContaining('is the baseline itself')]);
    expect((await bellwether(folder, 'report', 'review', ...args, '-o', 'without.html')).code).toBe(0);
    expect(read('without.html').toString()).toMatch(/Without shadow doorbells, this workload would need [\d,]+ MMIO doorbell writes; with them it had 956, as recorded/);
  });

  it('refuses an ending that no chart has', async () => {
    const { code, stderr } = await bellwether(folder, 'report', 'rings', 'randread32-off-1', '-o', 'rings.pdf');
    expect([code, stderr]).toEqual([2, expect.stringContaining("a chart's file ends in .svg, .png, .vl.json, .csv or .html")]);
  });
});

describe('report timeline', () => {
  it('shows rings where shadow doorbells are off, and suppressed ones where they are on', async () => {
    await bellwether(folder, 'report', 'timeline', 'randread32-off-1', '-o', 'off.csv');
    await bellwether(folder, 'report', 'timeline', 'randread32-on-1', '--queue', '1', '-o', 'on.csv', '-o', 'on.svg');
    const kinds = (name: string): Set<string> => new Set(read(name).toString().split('\n').slice(1).map((line) => line.split(',')[2] ?? ''));
    expect(kinds('off.csv').has('ring')).toBe(true);
    expect(kinds('off.csv').has('no ring')).toBe(false);
    expect(kinds('on.csv').has('no ring')).toBe(true);
    expect(read('on.svg').toString()).toContain('memory: EventIdx SQ');
  });

  it('takes a window, and refuses one with too much or nothing in it', async () => {
    const at = async (...flags: readonly string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await bellwether(folder, 'report', 'timeline', 'randread32-on-1', ...flags, '-o', 'window.svg');
      return [code, stderr];
    };
    expect(await at('--span-us', '900')).toEqual([0, '']);
    expect(await at('--from', '0', '--span-us', '60000000')).toEqual([2, expect.stringContaining('Ask for a shorter window')]);
    expect(await at('--from', '5000')).toEqual([3, expect.stringContaining('nothing to draw')]);
    expect(await at('--queue', '77')).toEqual([3, expect.stringContaining('queue 77')]);
    expect(await at('--from', 'soon')).toEqual([2, expect.stringContaining('--from soon')]);
  });
});

it('report accuracy compares predictions from several traces with the captures', async () => {
  const { code, stderr } = await bellwether(folder, 'report', 'accuracy', 'randread32-off-1', '--against', 'randread32-on-1', ...REPEAT, '-o', 'accuracy.csv');
  expect([code, stderr]).toEqual([0, '']);
  const [, row = ''] = read('accuracy.csv').toString().split('\n');
  const [label, predicted, low, high, captured] = row.split(',');
  expect(label).toBe('randread32-off-1');
  expect(Number(low)).toBeLessThanOrEqual(Number(predicted));
  expect(Number(high)).toBeGreaterThanOrEqual(Number(predicted));
  expect(Number(captured)).toBeCloseTo(1 - 1165 / 6591, 1);
});

it('a trace with a hostile name is text in its review', async () => {
  const name = '<img src=x onerror=alert(1)>';
  const other = await pairFolder();
  expect((await bellwether(other, 'ingest', '-q', ON_FILE, '--name', name, '--force')).code).toBe(0);
  const { code, stderr } = await bellwether(other, 'report', 'review', name, '--repeat', '2', '-o', 'review.html');
  expect([code, stderr]).toEqual([0, '']);
  const html = readFileSync(join(other, 'review.html'), 'utf8');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
});
