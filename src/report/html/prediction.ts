// The predicted MMIO doorbell writes, beside the baseline and the captures of the same policy.

import { formatCount, formatPercent } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { CapturedFacts, MeanRange, MedianInterval, WhatIfFacts } from '../input.js';
import { htmlTable, type HtmlCell } from './table.js';

const COLUMNS = [
  { title: 'where from' },
  ...['SQ tail', 'CQ head', 'total', 'saved'].map((title) => ({ title, isNumber: true })),
];

/** The table of writes by side, and the error of the prediction where captures show it. */
export function predictionHtml(whatIf: WhatIfFacts, captured: CapturedFacts | undefined): Html {
  const { mmio } = whatIf.baseline;
  const rows: HtmlCell[][] = [
    [whatIf.baseline.name, mmio.sq, mmio.cq, mmio.total, null],
    predictedRow(whatIf),
    ...(captured === undefined ? [] : [capturedRow(captured)]),
  ];
  return html`${htmlTable('MMIO doorbell writes on I/O queues', COLUMNS, rows)}<p class="soft">The medians of the two sides
need not add up to the median of the total.</p>
${captured === undefined ? NOTHING : errorHtml(captured)}`;
}

function predictedRow({ predicted: { mmio, saved } }: WhatIfFacts): HtmlCell[] {
  const text = ({ median, low, high }: MedianInterval): string => withEnds(whole(median), whole(low), whole(high));
  return [
    'predicted, median [90\u00a0%\u00a0interval]',
    text(mmio.sq),
    text(mmio.cq),
    text(mmio.total),
    withEnds(formatPercent(saved.fraction), formatPercent(saved.low), formatPercent(saved.high)),
  ];
}

/** One capture has no range. */
function capturedRow({ mmio, names, saved }: CapturedFacts): HtmlCell[] {
  const isOne = names.length === 1;
  const text = ({ mean, low, high }: MeanRange, format: (n: number) => string): string =>
    isOne ? format(mean) : withEnds(format(mean), format(low), format(high));
  return [
    isOne ? 'captured' : 'captured, mean [range]',
    text(mmio.sq, whole),
    text(mmio.cq, whole),
    text(mmio.total, whole),
    text(saved, formatPercent),
  ];
}

function withEnds(middle: string, low: string, high: string): string {
  return `${middle} [${low} – ${high}]`;
}

function whole(n: number): string {
  return formatCount(Math.round(n));
}

function errorHtml(captured: CapturedFacts): Html {
  const isOne = captured.names.length === 1;
  const points = (Math.abs(captured.savedError) * 100).toFixed(1);
  const direction = captured.savedError > 0 ? 'too high' : 'too low';
  const error = Number(points) === 0 ? 'right to one decimal' : `${points} percentage points ${direction}`;
  return html`<p>Compared with ${isOne ? 'the capture' : 'the captures'} ${captured.names.join(', ')}: the predicted saved
fraction is ${error}; ${isOne ? 'what was captured' : 'the mean of the captures'} lies
${captured.covered ? 'within' : 'outside'} the predicted interval.</p>
`;
}
