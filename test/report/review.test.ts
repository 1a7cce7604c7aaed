import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ensure } from '../../src/base/assert.js';
import { mmioChart } from '../../src/charts/mmio.js';
import { chartHtml } from '../../src/report/chart-page.js';
import { SCRIPT } from '../../src/report/html/script.js';
import type { ReviewInput } from '../../src/report/input.js';
import { reviewHtml } from '../../src/report/review.js';
import { HOSTILE, MMIO_ROWS } from '../charts/samples.js';
import { sampleReview } from './samples.js';
import { expectNone, expectTexts, nestingFault } from './support.js';

const input = await sampleReview();
const page = reviewHtml(input);

/** The same input with every text replaced, figures left out: their SVG is markup. */
function everyText(value: unknown, replacement: string): unknown {
  if (typeof value === 'string') return replacement;
  if (Array.isArray(value)) return value.map((item) => everyText(item, replacement));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'figures' ? item : everyText(item, replacement)]),
  );
}

/** The page without its own script, whose text holds what a name must not bring in. */
function withoutScript(html: string): string {
  return html.replace(`<script>${SCRIPT}</script>`, '');
}

describe('reviewHtml', () => {
  it('is well-formed', () => {
    expect(page.startsWith('<!DOCTYPE html>\n')).toBe(true);
    expect(nestingFault(withoutScript(page))).toBeNull();
  });

  it('gives the same bytes for the same input, also after a round through JSON', () => {
    expect(reviewHtml(input) === page).toBe(true);
    expect(reviewHtml(JSON.parse(JSON.stringify(input)) as ReviewInput) === page).toBe(true);
  });

  it('states the finding in one sentence', () => {
    expectTexts(
      page,
      'With shadow doorbells on and policy qemu, this workload would need 830 MMIO doorbell writes instead of 6,591: ' +
        '87.4\u00a0% fewer (90\u00a0% interval 83.3\u00a0% to 90.6\u00a0%).',
    );
    expectTexts(page, '5 captures of this policy showed 85.5\u00a0% fewer, within the predicted interval.');
  });

  it('answers on its first screen what doorbells cost, what is saved, and how sure that is', () => {
    const cards = page.slice(page.indexOf('class="cards"'), page.indexOf('id="quality"'));
    expectTexts(
      cards,
      '6,591 VM exits', '15.6\u00a0% of 42,300 exits: 6,004 for SQ tails, 587 for CQ heads.', '297 us each: 1.96 s outside of the guest',
      '87.4\u00a0%', '90\u00a0% interval 83.3\u00a0% to 90.6\u00a0% saved.', '830 writes instead of 6,591 (recorded).',
      'Self-check passed', 'Captured: 85.5\u00a0% (mean of 5), within the interval, off by 1.9 points.', 'No record lost or unreadable.',
    );
    const { exits: _, ...rest } = input;
    expectTexts(reviewHtml(rest), '6,591 writes', 'The capture shows no VM exits; over the transport trap each write is one.');
  });

  it('says of a recording with shadow doorbells what they saved it, when it is replayed without', () => {
    const { whatIf, controllers, captured } = input;
    const total = { median: 12_000, low: 10_000, high: 15_000 };
    const without = {
      ...input,
      controllers: controllers.map((controller) => ({ ...controller, shadow: true })),
      whatIf: { ...whatIf, shadow: 'off' as const, predicted: { ...whatIf.predicted, mmio: { ...whatIf.predicted.mmio, total }, saved: { fraction: 0, low: -0.2, high: 0.2 } } },
    };
    const text = reviewHtml(without);
    expectTexts(
      text,
      'Without shadow doorbells, this workload would need 12,000 MMIO doorbell writes; with them it had 6,591, as recorded: 45.1\u00a0% fewer (90\u00a0% interval 34.1\u00a0% to 56.1\u00a0%).',
      '5 captures without them showed 956 writes', 'What shadow doorbells save', '6,591 writes, as recorded, instead of 12,000.', 'Captured: 956 writes without them (mean of 5), within the interval.',
    );
    expectNone(text, /instead of 6,591/);
    // Of a recording without shadow doorbells there is nothing of that kind to say.
    expectTexts(reviewHtml({ ...without, controllers, captured: ensure(captured, 'captures') }), 'With shadow doorbells off, this workload would need 12,000');
  });

  it('puts what forbids quoting the finding right below it', () => {
    const { whatIf, trace } = input;
    const bad = reviewHtml({
      ...input,
      trace: { ...trace, records: { ...trace.records, rejected: 3, lost: 17 } },
      whatIf: { ...whatIf, selfCheck: { ...whatIf.selfCheck, passed: false }, predicted: { ...whatIf.predicted, stalls: 2 } },
    });
    const headline = bad.slice(bad.indexOf('class="finding"'), bad.indexOf('id="quality"'));
    expectTexts(headline, 'does not reproduce the recording', '17 lost records', '3 records could not be read', '2 commands stalled');
  });

  it('warns where a capture contradicts the prediction, and counts the predictors that came closer', () => {
    const { captured, whatIf } = input;
    const one = { mean: 956, low: 956, high: 956 };
    const contradicted = reviewHtml({
      ...input,
      captured: {
        ...ensure(captured, 'captures'),
        names: ['on-1'],
        mmio: { sq: one, cq: one, total: one },
        saved: { mean: 0.81, low: 0.81, high: 0.81 },
        savedError: 0.0641,
        covered: false,
      },
      whatIf: { ...whatIf, selfCheck: { ...whatIf.selfCheck, criterion: 'each side is within 15.0 % of the recording' } },
    });
    expectTexts(
      contradicted,
      '<p class="more warning">One capture of this policy showed 81.0\u00a0% fewer, outside the predicted interval.</p>',
      'fraction is 6.4 percentage points too high; what was captured lies\noutside the predicted interval.',
      '<th scope="row">captured</th><td class="number">956</td>',
      'Here 2 of the 2 came closer to what was captured than the model.',
      'Passed when each side is within 15.0 % of the recording.',
    );
    expectTexts(page, 'Here 1 of the 2 came closer to what was captured than the model.');
  });

  it('says "more" where nothing is saved', () => {
    const predicted = { ...input.whatIf.predicted, saved: { fraction: -0.1, low: -0.2, high: 0.05 } };
    expectTexts(
      reviewHtml({ ...input, whatIf: { ...input.whatIf, predicted } }),
      '10.0\u00a0% more (90\u00a0% interval 20.0\u00a0% more to 5.0\u00a0% fewer)',
    );
  });

  it('sums the I/O queues and keeps the admin queue apart', () => {
    expectTexts(
      page,
      '<tr><th scope="row">all I/O</th><td class="number"></td><td class="number">6,010</td>' +
        '<td class="number">6,004</td><td class="number">587</td>',
    );
  });

  it('has every section, and reads in order', () => {
    const headings = [...page.matchAll(/<h([123])[^>]*>([^<]*)/g)].map((match) => `${match[1]} ${match[2]}`);
    expect(headings).toEqual([
      '1 Doorbell review: randread32-off-1',
      '2 What doorbells cost',
      '2 What shadow doorbells save',
      '2 How sure that is',
      '2 Quality of the data',
      '3 Joined captures',
      '3 Unknown records by name',
      '3 Inferred or left out',
      '2 What happened',
      '2 What if',
      '3 Simple predictors',
      '3 Self-check: ',
      '3 Not covered',
      '2 Policies and verdicts',
      '2 Charts',
      '3 MMIO doorbell writes on I/O queues',
      '3 Queue occupancy over time',
      '2 How it was computed',
      '3 The commands to repeat it',
    ]);
  });

  it('gives each chart an alternative text and a table', () => {
    const figures = page.match(/<figure .*?<\/figure>/gs)!;
    expect(figures).toHaveLength(2);
    for (const figure of figures) {
      const [, title, desc] = /role="img" aria-labelledby="(\S+) (\S+)"/.exec(figure)!;
      expect(new RegExp(`<title id="${title}">[^<]+</title>`).test(figure)).toBe(true);
      expect(new RegExp(`<desc id="${desc}">[^<]+</desc>`).test(figure)).toBe(true);
      expect(/<details>.*<table>.*<\/table>.*<\/details>/s.test(figure)).toBe(true);
    }
  });

  it('uses no id twice', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('allows nothing but its own style block and its own script, by their hashes', () => {
    const hashOf = (pattern: RegExp): string => createHash('sha256').update(ensure(pattern.exec(page)?.[1], 'block')).digest('base64');
    const hash = hashOf(/<style>(.*?)<\/style>/s);
    const scriptHash = hashOf(/<script>(.*?)<\/script>/s);
    expectTexts(
      page,
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; script-src 'sha256-${scriptHash}'; img-src data:; ` +
        `base-uri 'none'; form-action 'none'">`,
    );
    expect(page.match(/<script/g)).toHaveLength(1);
    expectNone(page, /<link|<iframe|<object|<base|<form| style="| on[a-z]+="|javascript:/gi);
  });

  it('refers to nothing outside itself', () => {
    const references = page.match(/\b[a-z]+:\/\/[^\s"'<]*/gi) ?? [];
    expect(new Set(references)).toEqual(new Set(['http://www.w3.org/2000/svg']));
    expect(page.match(/http:/g)).toHaveLength(page.match(/xmlns="http:\/\/www\.w3\.org\/2000\/svg"/g)!.length);
    expectNone(withoutScript(page), /(?:src|href)=|url\((?!#)/g);
  });

  it.each([HOSTILE, '"><script>alert(1)</script>', "' onmouseover='alert(1)", '</style></title><b>', 'a\u202eb\u0000c\u2028'])(
    'shows %j as text wherever it comes in',
    (text) => {
      const hostile = reviewHtml(everyText(input, text) as ReviewInput);
      expect(nestingFault(withoutScript(hostile))).toBeNull();
      expectNone(withoutScript(hostile), /<(?:img|script|b)[\s>]/g);
      for (const raw of ['\u0000', '\u202e', '\u2028']) expect(hostile.includes(raw)).toBe(false);
      expectNone(hostile, /["'] *on\w+=/g);
    },
  );

  it('does without captures, predictors, unknown records and limits', () => {
    const { captured: _, ...rest } = input;
    const bare = reviewHtml({
      ...rest,
      trace: { ...input.trace, unknown: {}, inferred: [], spanNs: null, clock: 'none' },
      whatIf: { ...input.whatIf, baselines: [], limits: [] },
    });
    expect(nestingFault(withoutScript(bare))).toBeNull();
    expectTexts(bare, 'no time stamps, only an order');
    expectNone(bare, /Simple predictors|captures of|captured, mean|percentage points|Not covered|Passed when/g);
  });

  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['an event handler', '<rect onclick="x"/>'],
    ['a style', '<g style="fill:red"></g>'],
    ['a link', '<g xlink:href="#a"></g>'],
    ['a reference', '<rect fill="url(http://x)"/>'],
    ['an unquoted attribute', '<rect fill=red/>'],
    ['a comment', '<!-- -->'],
  ])('refuses an SVG with %s', (_, markup) => {
    const svg = `<svg>${markup}</svg>`;
    expect(() => reviewHtml({ ...input, figures: [{ ...ensure(input.figures[0], 'figure'), svg }] })).toThrow('internal error');
  });
});

describe('chartHtml', () => {
  it('is a page of one chart', async () => {
    const one = await chartHtml(mmioChart(MMIO_ROWS), '0.1.0');
    expect(nestingFault(withoutScript(one))).toBeNull();
    expectTexts(one, '<h1>MMIO doorbell writes on I/O queues</h1>');
    expectTexts(one, "default-src 'none'");
  });
});
