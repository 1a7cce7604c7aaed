// The charts beside mmio and occupancy: golden pictures, sizes, themes, and what each says of its rows.

import { describe, expect, it } from 'vitest';
import { deltasChart } from '../../src/charts/deltas.js';
import { accuracyChart } from '../../src/charts/accuracy.js';
import { latencyChart } from '../../src/charts/latency.js';
import { mmioChart } from '../../src/charts/mmio.js';
import { occupancyChart } from '../../src/charts/occupancy.js';
import { imageOptions } from '../../src/charts/options.js';
import { MAX_RATE_ROWS, ratesChart } from '../../src/charts/rates.js';
import { MAX_QUEUES, ringsChart } from '../../src/charts/rings.js';
import { savedChart } from '../../src/charts/saved.js';
import type { Chart, ChartOptions } from '../../src/charts/spec.js';
import { MAX_STEPS, sequenceChart } from '../../src/charts/sequence.js';
import { sweepChart } from '../../src/charts/sweep.js';
import { COLOUR, DARK } from '../../src/charts/theme.js';
import { MAX_COMMANDS, timelineChart } from '../../src/charts/timeline.js';
import { ACCURACY_ROWS, DELTAS, LATENCY_ROWS, rateRows, RING_ROWS, SAVED_ROWS, SEQUENCE, sweepRows, timeline } from './more-samples.js';
import { HOSTILE, MMIO_ROWS, occupancyRows } from './samples.js';
import { expectGolden, renderStrictly } from './support.js';

const subtitle = 'Trace randread32-off-1; follow-tail on submission queues, follow-head on completion queues.';
const NEW: Readonly<Record<string, (options: ChartOptions) => Chart>> = {
  saved: (options) => savedChart(SAVED_ROWS, options),
  rings: (options) => ringsChart(RING_ROWS, options),
  rates: (options) => ratesChart(rateRows(), options),
  latency: (options) => latencyChart(LATENCY_ROWS, options),
  accuracy: (options) => accuracyChart(ACCURACY_ROWS, options),
  timeline: (options) => timelineChart(timeline(), options),
  sequence: (options) => sequenceChart(SEQUENCE, options),
  sweep: (options) => sweepChart(sweepRows(), options),
  compare: (options) => deltasChart(DELTAS, { a: 'before', b: 'after' }, options),
};
const ALL = {
  ...NEW,
  mmio: (options: ChartOptions) => mmioChart(MMIO_ROWS, options),
  occupancy: (options: ChartOptions) => occupancyChart(occupancyRows({ bins: 40 }), options),
};

/** Width and height of the image, without the pixels' names. */
function sizeOf(svg: string): string {
  return /width="(\d+)" height="(\d+)"/.exec(svg)!.slice(1).join('x');
}

describe.each(Object.entries(NEW))('the %s chart', (name, make) => {
  it('draws what it drew before', async () => {
    expectGolden(name, await renderStrictly(make({ subtitle })));
  });

  it('says its numbers in words and has them as rows', () => {
    const chart = make({ subtitle });
    expect(chart.alt).toMatch(/\d/);
    expect(chart.data.rows.length).toBeGreaterThan(0);
    const keys = new Set(chart.data.columns.map((column) => column.key));
    for (const row of chart.data.rows) expect(Object.keys(row).filter((key) => !keys.has(key))).toEqual([]);
  });

  it('refuses to draw nothing', () => {
    const empty = { saved: () => savedChart([]), rings: () => ringsChart([]), rates: () => ratesChart([]), latency: () => latencyChart([]), accuracy: () => accuracyChart([]), timeline: () => timelineChart({ spanS: 1, marks: [], commands: [] }), sweep: () => sweepChart([]), sequence: () => sequenceChart({ ...SEQUENCE, steps: [] }), compare: () => deltasChart([], { a: 'a', b: 'b' }) };
    expect(empty[name as keyof typeof empty]).toThrow('nothing to draw');
  });

  it('keeps to a few thousand marks', async () => {
    const svg = await renderStrictly(make({ subtitle }));
    expect(svg.match(/<path|<rect|<line/g)!.length).toBeLessThan(3000);
  });
});

describe.each(Object.entries(ALL))('the %s chart', (_, make) => {
  it.each([[400, 520], [480, 420], [800, 600], [1280, 720], [1920, 1080]])('is %i x %i pixels when asked', async (widthPx, heightPx) => {
    const svg = await renderStrictly(make({ ...imageOptions({ widthPx, heightPx }), subtitle }));
    expect(sizeOf(svg)).toMatch(new RegExp(`^${widthPx}x`));
    // What is drawn of several runs and queues needs a least height; it is never cut off.
    const drawnPx = Number(sizeOf(svg).split('x')[1]);
    if (drawnPx < heightPx || heightPx >= 720) expect(sizeOf(svg)).toBe(`${widthPx}x${heightPx}`);
  });

  it('has no colour of the light theme in the dark one', async () => {
    const svg = await renderStrictly(make({ subtitle, theme: 'dark' }));
    const light = Object.entries(COLOUR).filter(([name, hex]) => DARK[name as keyof typeof COLOUR] !== hex && svg.includes(`"${hex}"`));
    expect(light).toEqual([]);
    expect(svg).toContain(`fill="${DARK.paper}"`);
  });
});

describe('themes', () => {
  /** Relative luminance of a colour. [WCAG 2.2] */
  function luminance(hex: string): number {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  }
  function contrast(a: string, b: string): number {
    const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
    return (high! + 0.05) / (low! + 0.05);
  }

  it.each([['light', COLOUR], ['dark', DARK]] as const)('%s: text and lines stand out from the paper', (_, colours) => {
    for (const name of ['ink', 'grey'] as const) expect(contrast(colours[name], colours.paper)).toBeGreaterThan(4.5);
    for (const name of ['blue', 'vermilion', 'green'] as const) expect(contrast(colours[name], colours.paper)).toBeGreaterThan(3);
  });

  it.each([['light', COLOUR], ['dark', DARK]] as const)('%s: the two sides of a bar differ in grey', (_, colours) => {
    expect(contrast(colours.blue, colours.orange)).toBeGreaterThan(1.6);
  });
});

describe('what charts refuse or fold', () => {
  it('sums up the queues beyond the busiest', () => {
    const rows = Array.from({ length: MAX_QUEUES + 3 }, (_, i) => ({ run: 'recorded', qid: i + 1, side: 'sq', entries: 100 - i, rings: 10 }) as const);
    const chart = ringsChart(rows);
    expect(chart.data.rows.at(-1)).toEqual({ group: 'other queues, SQ tail', run: 'recorded', entries: 94 + 93 + 92, rings: 30, entries_per_ring: 9.3 });
    expect(chart.subtitle).toContain(`The ${MAX_QUEUES} busiest of ${MAX_QUEUES + 3} queues`);
  });

  it('draws no more bins and commands than can be seen', () => {
    expect(() => ratesChart(rateRows(MAX_RATE_ROWS))).toThrow('at most 1,000 can be shown');
    expect(() => timelineChart(timeline(MAX_COMMANDS + 1))).toThrow('at most 1500 and 300 can be shown');
  });

  it('draws rates, so that runs with time bins of other widths compare', () => {
    const row = (run: string, widthS: number, sq: number) => ({ run, startS: 0, endS: widthS, sq, cq: 0 });
    const { spec } = ratesChart([row('recorded', 0.002, 10), row('predicted', 0.001, 5)]);
    const { values } = (spec as unknown as { readonly data: { readonly values: readonly { readonly run: string; readonly to: number; readonly tip: string }[] } }).data;
    expect(values.filter(({ tip }) => tip !== '').map(({ run, to }) => [run, to])).toEqual([['recorded', 5000], ['predicted', 5000]]);
    expect(values[0]!.tip).toContain('10 writes');
  });

  it('says that an interval goes on beyond the axis', () => {
    const one = { ...DELTAS[0]!, a: 100, b: 110, difference: 10, relative: 0.1, low: -5, high: 12 };
    expect(deltasChart([one], { a: 'a', b: 'b' }).subtitle).not.toContain('edge');
    expect(deltasChart([{ ...one, low: -50 }], { a: 'a', b: 'b' }).subtitle).toContain('reaches the edge');
  });

  it('draws the stages in two rows where they are too narrow side by side', async () => {
    const svg = await renderStrictly(latencyChart(LATENCY_ROWS, imageOptions({ widthPx: 320 })));
    expect(sizeOf(svg)).toMatch(/^320x/);
  });

  it('lets the numbers beside bars be hidden with them', async () => {
    const svg = await renderStrictly(ringsChart(RING_ROWS), { tips: true });
    expect(svg.match(/<text[^>]* data-tip="predicted: /g)!.length).toBe(svg.match(/<path[^>]* data-tip="predicted: /g)!.length);
  });

  it('speaks of suppressed rings only where there are some', () => {
    const { marks, ...rest } = timeline(24);
    const chart = timelineChart({ ...rest, marks: marks.filter((mark) => mark.kind !== 'no ring') });
    expect(`${chart.title} ${chart.subtitle}`).not.toMatch(/suppressed|Hollow/);
  });

  it('counts rings and suppressed rings in the title of a timeline', () => {
    const { marks, ...rest } = timeline(24);
    const count = (kind: string): number => marks.filter((mark) => mark.kind === kind).length;
    expect(timelineChart({ ...rest, marks }).title).toContain(`${count('ring')} rings, at least ${count('no ring')} suppressed`);
  });

  it('draws the first steps of a long counterexample, and has all in its table', async () => {
    const steps = Array.from({ length: MAX_STEPS + 7 }, (_, i) => ({ step: i + 1, lane: i % 2, text: HOSTILE }));
    const chart = sequenceChart({ ...SEQUENCE, steps });
    expect([chart.subtitle, chart.data.rows.length]).toEqual([expect.stringContaining('7 further steps in the table alone'), MAX_STEPS + 7]);
    expect(await renderStrictly(chart)).not.toContain('<img');
  });

  it('says how far off predictions were', () => {
    const chart = accuracyChart([{ label: 'a', predicted: 0.5, low: 0.4, high: 0.6, captured: 0.56, capturedLow: 0.5, capturedHigh: 0.6 }]);
    expect(chart.title).toContain('off by 6.0 points');
    expect(chart.data.rows[0]!['error']).toBeCloseTo(-0.06);
  });

  it('shows hostile names as text', async () => {
    const svg = await renderStrictly(savedChart([{ label: HOSTILE, kind: 'model', fraction: 0.5 }], { title: HOSTILE }), { tips: true });
    expect(svg).not.toContain('<img');
    expect(svg).toContain('data-tip="&lt;img src=x onerror=alert(1)&gt;: 50.0 %"');
  });
});
