// Helpers of chart tests: rendering that fails on warnings, golden files, and a look into PNGs.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { renderSvg, type SvgOptions } from '../../src/charts/render/svg.js';
import type { Chart } from '../../src/charts/spec.js';

/** Renders a chart; any warning of vega or vega-lite fails the test. */
export async function renderStrictly(chart: Chart, options: SvgOptions = {}): Promise<string> {
  const warnings: string[] = [];
  const svg = await renderSvg(chart, { ...options, onWarning: (message) => warnings.push(message) });
  expect(warnings).toEqual([]);
  return svg;
}

/** Compares an SVG with the committed one, element by line: see expectPicture. */
export function expectGolden(name: string, svg: string): void {
  expectPicture(join(import.meta.dirname, 'golden', `${name}.svg`), svg.replaceAll('><', '>\n<'));
}

/**
 * Compares a picture with the committed file. On a difference, the new one is written beside it as `<name>.changed.svg` for the
 * eye. UPDATE_GOLDEN=1 accepts what is drawn now.
 */
export function expectPicture(path: string, text: string): void {
  const changedPath = path.replace(/\.svg$/, '.changed.svg');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  const golden = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text === golden) {
    rmSync(changedPath, { force: true });
    return;
  }
  writeFileSync(changedPath, text);
  expect.fail(`${path} is not what is drawn now: look at ${changedPath}, then accept it with UPDATE_GOLDEN=1`);
}

/** Width and height of a PNG, and how many different bytes its image data holds. */
export function pngFacts(png: Uint8Array): { width: number; height: number; distinctBytes: number } {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.subarray(at + 4, at + 8).toString('latin1') === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const image = inflateSync(Buffer.concat(parts));
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), distinctBytes: new Set(image).size };
}
