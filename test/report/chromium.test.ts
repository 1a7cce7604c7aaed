// The review in a browser: opened from a disk, as a reader would.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewHtml } from '../../src/report/review.js';
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
    writeFileSync(path, reviewHtml(await sampleReview()));
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

  it('asks for nothing but its own file, and complains about nothing', () => {
    expect(requests).toEqual([pathToFileURL(path).href]);
    expect(complaints).toEqual([]);
  });
});
