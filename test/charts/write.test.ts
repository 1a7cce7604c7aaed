import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from 'vega-lite';
import { csvOf } from '../../src/charts/csv.js';
import { mmioChart } from '../../src/charts/mmio.js';
import { chartEnding, writeChart } from '../../src/charts/write.js';
import { MMIO_ROWS } from './samples.js';
import { pngFacts } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'bellwether-charts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chart = mmioChart(MMIO_ROWS);

async function written(name: string): Promise<Buffer> {
  await writeChart(chart, join(folder, name));
  return readFileSync(join(folder, name));
}

describe('writeChart', () => {
  it('writes the format that the ending names', async () => {
    expect((await written('a.svg')).toString()).toMatch(/^<svg /);
    expect(pngFacts(await written('a.PNG')).width).toBe(1600);
    expect((await written('a.csv')).toString()).toBe(
      [
        'label,sq_writes,cq_writes,total_writes,total_low,total_high,note',
        'recorded,6004,587,6591,,,shadow doorbells off',
        'predicted,420,410,830,620,1100,median of 8 replays',
        'captured,501,455,956,,,mean of 5 captures',
        '',
      ].join('\n'),
    );
  });

  it('writes a spec that stands on its own, with title, data and theme', async () => {
    const spec = JSON.parse((await written('a.vl.json')).toString());
    expect(spec.title.text).toEqual(['MMIO doorbell writes on I/O queues']);
    expect(spec.config.font).toContain('DejaVu Sans');
    expect(compile(spec).spec.marks?.length).toBeGreaterThan(0);
  });

  it('refuses other endings and folders that do not exist', async () => {
    await expect(writeChart(chart, 'a.pdf')).rejects.toThrow("a.pdf: a chart's file ends in .svg, .png, .vl.json, .csv or .html");
    await expect(writeChart(chart, join(folder, 'none', 'a.svg'))).rejects.toThrow("can't write");
    expect(chartEnding('a.json')).toBeNull();
  });
});

describe('csvOf', () => {
  it('quotes what needs it, and lets no spreadsheet take text for a formula', () => {
    const columns = [{ key: 'a', title: 'a', meaning: 'a', kind: 'text' as const }];
    const rows = ['plain', 'a,b', 'say "hi"', 'two\nlines', '=1+1', '@x', '-', -5, 0.1, null].map((a) => ({ a }));
    expect(csvOf({ columns, rows })).toBe(
      'a\nplain\n"a,b"\n"say ""hi"""\n"two\nlines"\n\'=1+1\n\'@x\n-\n-5\n0.1\n\n',
    );
  });
});
