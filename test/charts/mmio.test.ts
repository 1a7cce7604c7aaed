import { describe, expect, it } from 'vitest';
import { mmioChart } from '../../src/charts/mmio.js';
import { HOSTILE, MMIO_ROWS, MMIO_SUBTITLE } from './samples.js';
import { expectGolden, renderStrictly } from './support.js';

describe('mmioChart', () => {
  it('draws what it drew before', async () => {
    expectGolden('mmio', await renderStrictly(mmioChart(MMIO_ROWS, { subtitle: MMIO_SUBTITLE })));
  });

  it('is as large as asked', async () => {
    const svg = await renderStrictly(mmioChart(MMIO_ROWS, { subtitle: MMIO_SUBTITLE, widthPx: 640, heightPx: 420 }));
    expect(svg).toContain(' width="640" height="420" viewBox="0 0 640 420"');
  });

  it('prints the total and the interval of each bar, and says them in its alternative text', async () => {
    const chart = mmioChart(MMIO_ROWS);
    const svg = await renderStrictly(chart);
    for (const text of ['>6,591<', '>830 [620–1,100]<', '>956<', '>6,004 SQ + 587 CQ, shadow doorbells off<']) {
      expect(svg).toContain(text);
    }
    expect(chart.alt).toContain('recorded: 6,591 (6,004 SQ tail, 587 CQ head)');
    expect(chart.alt).toContain('predicted: 830 (420 SQ tail, 410 CQ head, 90 % interval 620 to 1,100)');
  });

  it('explains the bracket only where there is one', () => {
    expect(mmioChart(MMIO_ROWS).subtitle).toBe('Bracket: 90 % interval of the total.');
    expect(mmioChart([{ label: 'recorded', side: 'sq', writes: 3 }]).subtitle).toBeUndefined();
  });

  it('keeps the order of the labels', () => {
    const labels = ['zebra', 'ant', 'lion'];
    const chart = mmioChart(labels.map((label) => ({ label, side: 'sq', writes: 1 })));
    expect(chart.data.rows.map((row) => row['label'])).toEqual(labels);
  });

  it('draws bars without any write, and sides that are absent', async () => {
    const svg = await renderStrictly(mmioChart([{ label: 'none', side: 'cq', writes: 0 }]));
    expect(svg).toContain('>0 SQ + 0 CQ<');
  });

  it('shows hostile labels as text', async () => {
    const label = `${HOSTILE} "'\\&\u202e\u0000\n`;
    const svg = await renderStrictly(mmioChart([{ label, side: 'sq', writes: 1, note: HOSTILE }], { title: label, subtitle: label }));
    expect(svg).not.toContain('<img');
    expect(svg).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(svg).toContain('\\u{202e}\\x00\\x0a');
  });

  it('refuses two values for one side of a bar, an empty chart, and sizes that cannot be drawn', () => {
    const row = { label: 'recorded', side: 'sq', writes: 1 } as const;
    expect(() => mmioChart([row, row])).toThrow('two values for the sq side of "recorded"');
    expect(() => mmioChart([])).toThrow('nothing to draw in the mmio chart');
    expect(() => mmioChart([row], { widthPx: 100 })).toThrow('width 100 is not a whole number of pixels in 320..4000');
  });
});
