// MMIO doorbell writes, side by side: what was recorded, what a what-if predicts, what a second capture showed.
// One horizontal bar per label, stacked by side, with the total and its interval.

import { formatCount } from '../base/units.js';
import { usageError } from '../base/errors.js';
import { printable } from '../base/text.js';
import { headingPx, sentences } from './heading.js';
import { AROUND_BARS_PX, BAR_PX, mmioSpec, MIN_BAR_PX, type Bar } from './mmio-spec.js';
import { checkedPx, DEFAULT_WIDTH_PX, nothingToDraw, sizeAndTheme } from './options.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { PADDING_PX, SIDES } from './theme.js';

/** MMIO doorbell writes of one side of one bar. */
export interface MmioRow {
  /** The bar: 'recorded', 'predicted', 'captured', ... Bars keep the order of their first row. */
  readonly label: string;
  readonly side: 'sq' | 'cq';
  /** Writes of this side: a count, or the median of several runs. */
  readonly writes: number;
  /** 90 % interval of the total of this label, both sides together. Any row of the label may carry it. */
  readonly low?: number;
  readonly high?: number;
  /** A few words under the total: 'median of 8 seeds'. */
  readonly note?: string;
}

/** The chart of MMIO doorbell writes. The caller's subtitle names trace, policy and saved fraction. */
export function mmioChart(rows: readonly MmioRow[], options: ChartOptions = {}): Chart {
  const bars = foldBars(rows);
  if (bars.length === 0) throw nothingToDraw('mmio', 'no row was given');
  const widthPx = checkedPx('width', options.widthPx, DEFAULT_WIDTH_PX);
  const hasInterval = bars.some((bar) => bar.low !== null && bar.high !== null);
  const subtitle = sentences(options.subtitle, ...(hasInterval ? ['Bracket: 90 % interval of the total.'] : []));
  const heading = {
    title: printable(options.title ?? 'MMIO doorbell writes on I/O queues'),
    ...(subtitle === '' ? {} : { subtitle }),
    widthPx,
  };
  const aroundPx = headingPx(heading) + AROUND_BARS_PX + 2 * PADDING_PX;
  const heightPx = checkedPx('height', options.heightPx, aroundPx + bars.length * BAR_PX);
  const table = dataTable(bars);
  return {
    ...heading,
    ...sizeAndTheme(options),
    id: options.id ?? 'mmio',
    series: SIDES.map(({ name }) => name),
    alt: `Bars of MMIO doorbell writes. ${bars.map(barInWords).join('; ')}.`,
    spec: mmioSpec(bars, widthPx, Math.max(heightPx - aroundPx, bars.length * MIN_BAR_PX)),
    data: table,
    summary: table,
  };
}

/** One bar per label, in the order of the first rows; two rows of a label and side are refused. */
function foldBars(rows: readonly MmioRow[]): Bar[] {
  const byLabel = new Map<string, MmioRow[]>();
  for (const row of rows) {
    const label = printable(row.label);
    const known = byLabel.get(label) ?? [];
    if (known.some((other) => other.side === row.side)) {
      throw usageError(`two values for the ${row.side} side of "${label}": give each bar its own name`);
    }
    byLabel.set(label, [...known, row]);
  }
  return [...byLabel].map(([label, own]) => {
    const writes = (side: 'sq' | 'cq'): number => own.find((row) => row.side === side)?.writes ?? 0;
    const note = own.find((row) => row.note !== undefined)?.note;
    return {
      label,
      sq: writes('sq'),
      cq: writes('cq'),
      total: writes('sq') + writes('cq'),
      low: own.find((row) => row.low !== undefined)?.low ?? null,
      high: own.find((row) => row.high !== undefined)?.high ?? null,
      note: note === undefined ? null : printable(note),
    };
  });
}

function barInWords(bar: Bar): string {
  const interval =
    bar.low === null || bar.high === null ? '' : `, 90 % interval ${formatCount(bar.low)} to ${formatCount(bar.high)}`;
  return `${bar.label}: ${formatCount(bar.total)} (${formatCount(bar.sq)} SQ tail, ${formatCount(bar.cq)} CQ head${interval})`;
}

function dataTable(bars: readonly Bar[]): DataTable {
  return {
    columns: [
      { key: 'label', title: 'bar', meaning: 'what was counted', kind: 'text' },
      { key: 'sq_writes', title: 'SQ tail', meaning: 'MMIO writes of submission queue tails', kind: 'count' },
      { key: 'cq_writes', title: 'CQ head', meaning: 'MMIO writes of completion queue heads', kind: 'count' },
      { key: 'total_writes', title: 'total', meaning: 'both sides together', kind: 'count' },
      { key: 'total_low', title: 'total, low', meaning: 'lower end of the 90 % interval of the total', kind: 'count' },
      { key: 'total_high', title: 'total, high', meaning: 'upper end of the 90 % interval of the total', kind: 'count' },
      { key: 'note', title: 'note', meaning: 'how the number came about', kind: 'text' },
    ],
    rows: bars.map((bar) => ({
      label: bar.label,
      sq_writes: bar.sq,
      cq_writes: bar.cq,
      total_writes: bar.total,
      total_low: bar.low,
      total_high: bar.high,
      note: bar.note,
    })),
  };
}
