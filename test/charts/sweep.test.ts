// The chart of a sweep: where its labels lie, what it names, and where its points stand.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels, rangesText } from '../../src/charts/labels.js';
import { imageOptions } from '../../src/charts/options.js';
import { MAX_NAMED, MAX_POINTS, sweepChart } from '../../src/charts/sweep.js';
import { latencyAxis, writesAxis } from '../../src/charts/sweep-axes.js';
import { holds } from '../support/property.js';
import { sweepRow, sweepRows } from './more-samples.js';
import { HOSTILE } from './samples.js';
import { renderStrictly } from './support.js';

const PLOT = { widthPx: 315, heightPx: 320, labelPx: 12, lines: [{ x: 0, y: 160, x2: 315, y2: 160 }] };

test('labels lie on nothing: no mark, no line, no other label, and within the plot', () => {
  const mark = fc.record({ x: fc.integer({ min: 0, max: PLOT.widthPx }), y: fc.integer({ min: 0, max: PLOT.heightPx }), radiusPx: fc.integer({ min: 2, max: 10 }) });
  holds(
    fc.property(fc.array(mark, { minLength: 1, maxLength: 40 }), fc.integer({ min: 8, max: 50 }), (marks, widthPx) => {
      const boxes = placeLabels(marks.map((each) => ({ mark: each, widthPx })), marks, PLOT).flatMap((place) => (place === null ? [] : [{ left: place.x - widthPx / 2, right: place.x + widthPx / 2, top: place.y - 6, bottom: place.y + 6 }]));
      for (const [i, box] of boxes.entries()) {
        expect(Math.min(box.left, box.top, PLOT.widthPx - box.right, PLOT.heightPx - box.bottom)).toBeGreaterThanOrEqual(0);
        expect(box.top > 160 || box.bottom < 160).toBe(true);
        expect(marks.some(({ x, y, radiusPx }) => x + radiusPx > box.left && x - radiusPx < box.right && y + radiusPx > box.top && y - radiusPx < box.bottom)).toBe(false);
        expect(boxes.slice(i + 1).some((other) => other.left < box.right && box.left < other.right && other.top < box.bottom && box.top < other.bottom)).toBe(false);
      }
    }),
  );
});

test('a crowd of forty in one quarter of the plot still has a label each', () => {
  const marks = sweepRows(40).map((_, i) => ({ x: 100 + (i % 8) * 16, y: 60 + Math.floor(i / 8) * 16, radiusPx: 4 }));
  expect(placeLabels(marks.map((mark) => ({ mark, widthPx: 14 })), marks, PLOT)).not.toContain(null);
});

test('numbers as ranges', () => {
  expect(rangesText([1, 2, 3, 5, 7, 8])).toBe('1–3, 5, 7, 8');
});

test('axes: pixels rise with writes and fall with latency, and 0 has a place', () => {
  const x = writesAxis([0, 0.003, 1.1], 300);
  expect([x.toPx(0), x.toPx(0.003) > 0, x.toPx(1.1) < 300]).toEqual([0, true, true]);
  for (const values of [[-5e3, 0, 8e3], [-3e5, 1e5, 2e5, 9e9], [0], [7e6]]) {
    const y = latencyAxis(values, 300);
    const pixels = [...values, 0].toSorted((a, b) => a - b).map(y.toPx);
    for (const [i, px] of pixels.entries()) {
      expect(px).toBeGreaterThan(0);
      expect(px).toBeLessThan(300);
      if (i > 0) expect(px).toBeLessThanOrEqual(pixels[i - 1]!);
    }
  }
});

test('unsafe and stalled configurations are named, and never part of the frontier line', async () => {
  const chart = sweepChart(sweepRows());
  expect(chart.subtitle).toContain('2 unsafe or stalled');
  const svg = await renderStrictly(chart, { tips: true });
  for (const text of ['policy-10:k=10: lost-wakeup', 'policy-13:k=13: stalled in 2 of 5 runs']) expect(svg).toContain(`>${text}</text>`);
  const best = sweepChart([sweepRow({}), sweepRow({ policy: 'fewest', mmioPerIo: 0.01, addedP99Ns: 1e6, addedP50Ns: 1e6, flaw: 'lost-wakeup' })]);
  const without = sweepChart([sweepRow({}), sweepRow({ policy: 'fewest', mmioPerIo: 0.01, addedP99Ns: 1e6, addedP50Ns: 1e6 })]);
  const corners = (of: typeof chart): number => JSON.stringify(of.spec).split('"order":').length;
  expect(corners(best)).toBeLessThan(corners(without));
});

test('marks stand where their values are on the axes that are drawn', async () => {
  const svg = await renderStrictly(sweepChart([sweepRow({ policy: 'off', mmioPerIo: 1 }), sweepRow({ mmioPerIo: 0.1, addedP50Ns: 1_000_000, addedP99Ns: 2_000_000 })]), { tips: true });
  const places = [...svg.matchAll(/data-tip="beaten by another: [^"]*"[^>]*transform="translate\(([\d.]+),([\d.]+)\)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const ticks = [...svg.matchAll(/transform="translate\(([\d.]+),[\d.]+\)"[^>]*font-size="12px"[^>]*>(0\.1|1)<\/text>/g)].map(([, x, text]) => [text, Number(x)]);
  expect(places).toHaveLength(4);
  for (const [text, x] of ticks) expect(places.some(([px]) => Math.abs(px! - (x as number)) <= 1), `${text}`).toBe(true);
  expect(ticks.length).toBe(4);
});

test('hundreds of configurations: the ones that matter have numbers, and all are in the table', async () => {
  const many = Array.from({ length: MAX_POINTS + 50 }, (_, i) => sweepRow({ policy: `p${i}`, mmioPerIo: 0.01 + i / 1000, addedP99Ns: i * 1000, addedP50Ns: i * 500, onFrontier: i === 900, flaw: i === 700 ? 'lost-wakeup' : '' }));
  const chart = sweepChart(many);
  expect(chart.data.rows).toHaveLength(many.length);
  const numbered = chart.data.rows.filter(({ number }) => number !== null).map(({ policy }) => policy);
  expect(numbered).toHaveLength(MAX_NAMED);
  expect(numbered).toEqual(expect.arrayContaining(['p900', 'p700', 'p0']));
  expect(chart.subtitle).toContain('50 more stand in the table alone');
  expect((await renderStrictly(chart)).match(/<path|<rect|<line/g)!.length).toBeLessThan(3000);
});

test('a slide keeps its shape: fewer are named', async () => {
  const chart = sweepChart(sweepRows(), imageOptions({ widthPx: 1280, heightPx: 720 }));
  expect(await renderStrictly(chart)).toContain('width="1280" height="720"');
  expect(chart.subtitle).toMatch(/\d+ of them have a number/);
});

test('a configuration without "off" to compare with stands in the table alone; hostile names are text', async () => {
  const chart = sweepChart([sweepRow({ policy: 'off' }), sweepRow({ policy: HOSTILE, cqPolicy: HOSTILE, transport: 'ioeventfd', addedP50Ns: null, addedP99Ns: null }), sweepRow({ policy: HOSTILE })]);
  expect(chart.subtitle).toContain('1 without "off" to compare with');
  expect(chart.data.rows).toHaveLength(3);
  expect(await renderStrictly(chart, { tips: true })).not.toContain('<img');
  expect(() => sweepChart([sweepRow({ addedP50Ns: null })])).toThrow('no configuration has cells of policy "off"');
});
