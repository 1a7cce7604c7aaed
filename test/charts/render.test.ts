// What holds for every picture: the same bytes each time, our own fonts, nothing from outside.

import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { mmioChart } from '../../src/charts/mmio.js';
import { occupancyChart } from '../../src/charts/occupancy.js';
import { fontFiles } from '../../src/charts/render/fonts.js';
import { renderPng } from '../../src/charts/render/png.js';
import { renderSvg } from '../../src/charts/render/svg.js';
import type { Chart } from '../../src/charts/spec.js';
import { MMIO_ROWS, occupancyRows } from './samples.js';
import { pngFacts, renderStrictly } from './support.js';

const mmio = mmioChart(MMIO_ROWS);
const charts: readonly Chart[] = [mmio, occupancyChart(occupancyRows({ bins: 30 }), { depth: 33 })];

describe.each(charts.map((chart) => ({ id: chart.id, chart })))('the $id chart', ({ chart }) => {
  it('gives the same bytes each time', async () => {
    const first = await renderStrictly(chart);
    await Promise.all(charts.map((other) => renderSvg(other)));
    expect(await renderStrictly(chart)).toBe(first);
    expect(Buffer.from(renderPng(first)).equals(Buffer.from(renderPng(first)))).toBe(true);
  });

  it('is one labelled image without styles, links or references to the outside', async () => {
    const svg = await renderStrictly(chart);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" aria-labelledby="([a-z-]+)-title \1-desc"/);
    expect(svg).not.toMatch(/ style=| href=|xlink|<style|<image|<a /);
    expect(svg.match(/https?:/g)).toHaveLength(1);
  });

  it('becomes a PNG of twice its size with text in it', async () => {
    const svg = await renderStrictly(chart);
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
    const png = renderPng(svg);
    const facts = pngFacts(png);
    expect(facts).toMatchObject({ width: 2 * Number(width), height: 2 * Number(height) });
    expect(facts.distinctBytes).toBeGreaterThan(20);
    const withoutFonts = new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: false } }).render().asPng();
    expect(Buffer.from(png).equals(withoutFonts)).toBe(false);
  });

  it('leaves title and subtitle to the page when asked', async () => {
    const drawing = (await renderStrictly(chart, { heading: false })).replace(/<title.*<\/desc>/s, '');
    expect(drawing).not.toContain(chart.title);
    expect(await renderStrictly(chart)).toContain(`>${chart.title}</text>`);
  });
});

describe('rendering', () => {
  it('reports the complaints of vega-lite', async () => {
    const warnings: string[] = [];
    const spec = {
      data: { values: [] }, mark: 'bar', encoding: { x: { field: 'a', type: 'quantitative' }, shape: { field: 'b', type: 'nominal' } },
    };
    const chart = { ...mmio, spec: spec as Chart['spec'] };
    await renderSvg(chart, { onWarning: (message) => warnings.push(message) });
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('numbers clip paths by chart, not by what was drawn before', async () => {
    const spec = {
      data: { values: [{ a: 1 }] }, mark: { type: 'point', clip: true }, encoding: { x: { field: 'a', type: 'quantitative' } },
    };
    const chart = { ...mmio, spec: spec as Chart['spec'] };
    const drawn = await Promise.all([renderSvg(chart), renderSvg(chart), renderSvg({ ...chart, id: 'other' })]);
    expect(drawn[0]).toContain('url(#mmio-0)');
    expect(drawn[1]).toBe(drawn[0]);
    expect(drawn[2]).toContain('<clipPath id="other-0">');
  });

  it('loads nothing: a spec that names a file or an address fails', async () => {
    const warnings: string[] = [];
    const spec = { data: { url: 'file:///etc/hostname' }, mark: 'point', encoding: {} };
    const chart = { ...mmio, spec: spec as Chart['spec'] };
    const svg = await renderSvg(chart, { onWarning: (message) => warnings.push(message) });
    expect(svg).toContain('<svg');
    expect(warnings.join()).toContain('file:///etc/hostname');
  });

  it('finds no canvas: with one, text would be measured differently', () => {
    const { resolve } = createRequire(import.meta.url);
    for (const name of ['canvas', '@napi-rs/canvas', 'skia-canvas']) expect(() => resolve(name)).toThrow();
  });

  it('brings its own fonts', () => {
    expect(fontFiles().map((path) => path.split('/').at(-1))).toEqual(['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']);
  });
});
