// The review in a browser: opened from a disk, as a reader would.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewHtml } from '../../src/report/review.js';
import { HOSTILE } from '../charts/samples.js';
import { sampleReview } from './samples.js';

const browserPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const isThere = existsSync(browserPath);
const title = `the review in Chromium${isThere ? '' : ` (skipped: no browser at ${browserPath}; set CHROMIUM_PATH)`}`;

describe.skipIf(!isThere)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-review-'));
  const path = join(folder, 'review.html');
  const complaints: string[] = [];
  const requests: string[] = [];
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const review = await sampleReview();
    writeFileSync(path, reviewHtml({ ...review, trace: { ...review.trace, name: HOSTILE } }));
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: browserPath,
      headless: true,
      viewport: { width: 1000, height: 800 },
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
  }, 60_000);

  afterAll(async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('shows both charts by their accessible names', async () => {
    for (const name of ['MMIO doorbell writes on I/O queues', 'Queue occupancy over time']) {
      const box = await page.getByRole('img', { name }).boundingBox();
      expect(box!.width).toBeGreaterThan(500);
      expect(box!.height).toBeGreaterThan(150);
    }
  });

  it('has its style: the policy lets it through', async () => {
    const width = await page.locator('main').evaluate((main) => main.getBoundingClientRect().width);
    expect(width).toBe(880);
  });

  it('opens the tables under the charts', async () => {
    const table = page.locator('#figure-mmio table');
    expect(await table.isVisible()).toBe(false);
    await page.locator('#figure-mmio summary').click();
    expect(await table.isVisible()).toBe(true);
    await page.locator('#figure-mmio summary').click();
  });

  it('is never wider than the window', async () => {
    for (const width of [1000, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await page.setViewportSize({ width: 1000, height: 800 });
  });

  it('prints, with every table open', async () => {
    await page.emulateMedia({ media: 'print' });
    for (const id of ['figure-mmio', 'figure-occupancy']) {
      const box = await page.locator(`#${id} details table`).boundingBox();
      expect(box!.height).toBeGreaterThan(50);
    }
    await page.emulateMedia({ media: null });
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(20_000);
  });

  it('tells by pointer and by keyboard what a mark stands for', async () => {
    const tip = page.locator('#tip');
    await page.locator('#figure-mmio [data-tip^="SQ tail: "]').first().hover();
    expect(await tip.textContent()).toMatch(/^SQ tail: [\d,]+ writes, recorded$/);
    await page.mouse.move(1, 1);
    expect(await tip.isVisible()).toBe(false);
    await page.locator('#figure-mmio .drawing').focus();
    await page.keyboard.press('ArrowRight');
    const first = await tip.textContent();
    await page.keyboard.press('ArrowRight');
    expect(await tip.isVisible()).toBe(true);
    expect(await tip.textContent()).not.toBe(first);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    // Anywhere in a strip of the occupancy, also above its band; and no words of the drawing library's.
    const strip = page.locator('#figure-occupancy [data-tip^="SQ waiting: "]').nth(3);
    await strip.hover({ force: true });
    expect(await tip.textContent()).toMatch(/^SQ waiting: median [\d,]+, [\d,]+ to [\d,]+ entries, queue 1, recorded, [\d.]+ – [\d.]+ ms$/);
    expect(await page.locator('[data-tip^="Title text"]').count()).toBe(0);
    await page.mouse.move(1, 1);
  });

  it('hides and shows a series, and enlarges a chart within its frame', async () => {
    const figure = page.locator('#figure-mmio');
    const mark = figure.locator('[data-tip^="CQ head: "]').first();
    const button = figure.getByRole('button', { name: 'CQ head' });
    await button.click();
    expect([await mark.isVisible(), await button.getAttribute('aria-pressed')]).toEqual([false, 'false']);
    await button.click();
    expect(await mark.isVisible()).toBe(true);
    const widthOf = async (): Promise<number> => (await figure.locator('svg').boundingBox())!.width;
    const before = await widthOf();
    await figure.getByRole('button', { name: 'Zoom in' }).click();
    expect(await widthOf()).toBeCloseTo(before * 1.5, 0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1000);
    await figure.getByRole('button', { name: 'Zoom out' }).click();
  });

  it.each(['light', 'dark'] as const)('has no fault that axe-core knows of, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    // As an isolated world would: the page's own policy lets no other script in.
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const { violations } = (await page.evaluate(`(async () => { ${source}; return axe.run(document); })()`)) as { readonly violations: readonly { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] }[] };
    expect(violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]!.html.slice(0, 200)}`)).toEqual([]);
    await page.emulateMedia({ colorScheme: null });
  });

  it('shows the same charts and tables without scripts', async () => {
    const bare = await context.newPage();
    const session = await context.newCDPSession(bare);
    await session.send('Emulation.setScriptExecutionDisabled', { value: true });
    await bare.goto(pathToFileURL(path).href);
    expect(await bare.locator('figure svg').count()).toBe(2);
    expect(await bare.locator('.tools').count()).toBe(0);
    await bare.close();
  });

  it('asks for nothing but its own file, and complains about nothing', () => {
    expect(requests).toEqual([pathToFileURL(path).href]);
    expect(complaints).toEqual([]);
  });
});
