import { describe, expect, it } from 'vitest';
import { axisTop } from '../../src/charts/occupancy-spec.js';
import { timeUnit } from '../../src/charts/plot.js';
import { occupancyChart, type OccupancyRow } from '../../src/charts/occupancy.js';
import { HOSTILE, OCCUPANCY_SUBTITLE, occupancyRows } from './samples.js';
import { expectGolden, renderStrictly } from './support.js';

/** The paths of the medians. */
function medianLines(svg: string): string[] {
  return [...svg.matchAll(/<path [^>]*d="(M[^"]*)"[^>]*stroke-width="1.5"/g)].map((match) => match[0]);
}

/** A bin of one second. */
function bin(run: string, startS: number, median: number, max: number): OccupancyRow {
  return { run, qid: 1, stage: 'SQ waiting', startS, endS: startS + 1, min: 0, median, max };
}

describe('occupancyChart', () => {
  it('draws what it drew before', async () => {
    const chart = occupancyChart(occupancyRows({ bins: 60 }), { subtitle: OCCUPANCY_SUBTITLE, depth: 1024 });
    expectGolden('occupancy', await renderStrictly(chart));
  });

  it.each([
    { runs: 1, queues: 1 },
    { runs: 2, queues: 3 },
    { runs: 3, queues: 4 },
  ])('is as large as asked with $runs runs and $queues queues', async ({ runs, queues }) => {
    const rows = occupancyRows({
      runs: ['recorded', 'predicted', 'captured'].slice(0, runs),
      qids: [1, 2, 3, 4].slice(0, queues),
      bins: 20,
    });
    const svg = await renderStrictly(occupancyChart(rows, { subtitle: OCCUPANCY_SUBTITLE, widthPx: 801, heightPx: 903 }));
    expect(svg).toContain(' width="801" height="903" viewBox="0 0 801 903"');
  });

  it('draws one line per run, queue and stage', async () => {
    const svg = await renderStrictly(occupancyChart(occupancyRows({ bins: 20 })));
    expect(medianLines(svg)).toHaveLength(2 * 2 * 3);
  });

  it('shows the four busiest queues and says so', () => {
    const chart = occupancyChart(occupancyRows({ qids: [1, 2, 3, 4, 5, 6], bins: 20 }));
    expect(new Set(chart.data.rows.map((row) => row['qid'])).size).toBe(4);
    expect(chart.subtitle).toContain('The busiest 4 of 6 queues are shown.');
    expect(occupancyChart(occupancyRows({ bins: 20 })).subtitle).not.toContain('busiest');
  });

  it('draws the depth only where the axis reaches it, and names it either way', async () => {
    const rows = occupancyRows({ bins: 20 });
    const near = occupancyChart(rows, { depth: 33 });
    const far = occupancyChart(rows, { depth: 1024 });
    expect(near.subtitle).toContain('Queue depth: 33 entries, the dashed line.');
    expect(far.subtitle).toContain('Queue depth: 1,024 entries, beyond the axis.');
    expect(occupancyChart(rows, { depth: { 1: 33, 2: 64 } }).subtitle).toContain(
      'Depth of queue 1: 33 entries, the dashed line. Depth of queue 2: 64 entries, beyond the axis.',
    );
    expect((await renderStrictly(near)).match(/stroke-dasharray="4,3"/g)).toHaveLength(2 * 2);
    expect(await renderStrictly(far)).not.toContain('stroke-dasharray="4,3"');
  });

  it('starts each run at its own first bin and takes rows in any order', () => {
    const chart = occupancyChart([bin('recorded', 101, 1, 2), bin('recorded', 100, 1, 2), bin('predicted', 7, 1, 2)]);
    expect(chart.data.rows.map((row) => [row['run'], row['start_s']])).toEqual([['recorded', 0], ['recorded', 1], ['predicted', 0]]);
  });

  it('leaves a gap where bins are missing, and an empty panel where a run lacks a queue', async () => {
    const rows = occupancyRows({ bins: 20 });
    const cut = rows.filter((row) => !(row.startS > 0.006 && row.startS < 0.012) && !(row.run === 'predicted' && row.qid === 2));
    const svg = await renderStrictly(occupancyChart(cut));
    expect(svg.match(/>time \(ms\)</g)).toHaveLength(2);
    // Each of the 3 * 3 lines starts again after the gap.
    expect(medianLines(svg).filter((path) => (path.match(/M/g) ?? []).length === 2)).toHaveLength(3 * 3);
  });

  it('says that a run ends earlier', () => {
    const rows = occupancyRows({ bins: 20 });
    const cut = rows.filter((row) => row.run === 'recorded' || row.startS < 0.01);
    expect(occupancyChart(cut).subtitle).toContain('A run that ends earlier leaves the rest of its panels empty.');
    expect(occupancyChart(rows).subtitle).not.toContain('ends earlier');
  });

  it('sums a series up by its typical and its highest number of entries', () => {
    const { summary, alt } = occupancyChart([bin('recorded', 0, 1, 2), bin('recorded', 1, 3, 9), bin('recorded', 2, 5, 9)]);
    expect(summary.rows).toEqual([
      { run: 'recorded', qid: 1, stage: 'SQ waiting', typical_entries: 3, peak_entries: 9, peak_at_s: 1 },
    ]);
    expect(alt).toContain('recorded, queue 1: SQ waiting typically 3, at most 9.');
  });

  it('shows a hostile run name as text', async () => {
    const svg = await renderStrictly(occupancyChart(occupancyRows({ runs: [HOSTILE], bins: 5 }), { subtitle: HOSTILE }));
    expect(svg).not.toContain('<img');
    expect(svg).toContain('&lt;img');
  });

  it('refuses to draw nothing, too much, or too narrow', () => {
    expect(() => occupancyChart([])).toThrow('nothing to draw in the occupancy chart');
    expect(() => occupancyChart(occupancyRows({ bins: 1000, qids: [1, 2, 3] }))).toThrow('18,000 time bins to draw; at most 6,000');
    const rows = occupancyRows({ qids: [1, 2, 3, 4], bins: 5 });
    expect(() => occupancyChart(rows, { widthPx: 320 })).toThrow('a width of 320 px leaves');
  });
});

describe('axisTop', () => {
  it.each([[0, 2], [1, 2], [3, 4], [29, 30], [32, 40], [100, 100], [64, 70], [1023, 1200], [65535, 70000]])('ends an axis for %i at %i', (value, top) => {
    expect(axisTop(value)).toBe(top);
  });
});

describe('timeUnit', () => {
  it('keeps seconds until the numbers become small fractions', () => {
    expect([30, 0.5, 0.02, 0.0001].map((windowS) => timeUnit(windowS).name)).toEqual(['s', 's', 'ms', 'µs']);
  });
});
