// The frontier of a sweep: register writes for each command against added latency, a mark for each configuration.

import { printable } from '../base/text.js';
import { formatPercent, NS_PER_S, plural } from '../base/units.js';
import { checkedPx, DEFAULT_WIDTH_PX, nothingToDraw } from './options.js';
import { durationText, frameOf, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { keyLayout, legendLayout, mostThatFits, STATUSES } from './sweep-key.js';
import { bendNs } from './sweep-axes.js';
import { PANELS, PANEL_TITLE_PX, signedTime, sweepSpec, VIEW_GAP_PX } from './sweep-spec.js';
import { PADDING_PX } from './theme.js';

/** A configuration of a sweep: the means of its cells. Added latency is against policy "off", null where that is not known. */
export interface SweepRow {
  readonly policy: string;
  readonly cqPolicy: string;
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  readonly cells: number;
  readonly mmioPerIo: number;
  readonly savedFraction: number | null;
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly addedP50Ns: number | null;
  readonly addedP99Ns: number | null;
  /** Share of the time that the device polled for nothing. */
  readonly pollCpu: number;
  /** What is wrong with it, in words; empty when it is safe and never stalled. */
  readonly flaw: string;
  /** No other sound configuration beats it in writes, 99th percentile and polling at once. */
  readonly onFrontier: boolean;
  /** Limits under which it is the best, in words. */
  readonly wins: readonly string[];
}

export interface NamedRow extends SweepRow {
  /** In the key; null where there are too many. */
  readonly number: number | null;
  readonly name: string;
  /** What it has beside the SQ policy that others don't. */
  readonly others: readonly string[];
  readonly status: (typeof STATUSES)[number]['status'];
}

/** Marks drawn at most in each plot, and those among them with a number and a name. */
export const MAX_POINTS = 1000;
export const MAX_NAMED = 40;
const PLOT_PX = 320;
/** Where a height was asked for, the plots keep this much: fewer configurations are named then, but no fewer than MIN_NAMED. */
const LEAST_PLOT_PX = 190;
const MIN_NAMED = 8;
const MAX_SUMMARY = 100;

/** The chart of a sweep. What is drawn and named first where there is too much: winners, the frontier, what is unsafe, then fewest writes. */
export function sweepChart(all: readonly SweepRow[], options: ChartOptions = {}): Chart {
  const comparable = all.filter(({ addedP50Ns, addedP99Ns }) => addedP50Ns !== null && addedP99Ns !== null);
  if (comparable.length === 0) throw nothingToDraw('sweep', all.length === 0 ? 'there is no cell' : 'no configuration has cells of policy "off" to compare its latency with');
  const ranked = comparable.toSorted((a, b) => rank(a) - rank(b) || byWrites(a, b));
  const drawn = ranked.slice(0, MAX_POINTS);
  const others = othersOf(all);
  const insidePx = checkedPx('width', options.widthPx, DEFAULT_WIDTH_PX) - 2 * PADDING_PX;
  const legend = legendLayout(insidePx);
  const layoutOf = (count: number) => {
    const rows = named(drawn, count, others);
    const key = keyLayout(rows, insidePx);
    const aroundPx = legend.heightPx + key.heightPx + PANEL_TITLE_PX + X_AXIS_PX + 2 * VIEW_GAP_PX;
    const onFrontier = rows.filter((row) => row.onFrontier).length;
    const unsafe = rows.filter(({ flaw }) => flaw !== '').length;
    const reading = [
      ...(unsafe === 0 ? [] : [`${unsafe} unsafe or stalled.`]),
      'On the frontier: none that is sound has fewer writes, a shorter 99th percentile and less polling at once; differences below 2 % count as chance. Lines: least added latency with at most so many writes. Means over seeds; added: against policy "off".',
      ...bends(rows),
      ...(rows.some(({ mmioPerIo }) => mmioPerIo === 0) ? ['Without any write: drawn at the left edge.'] : []),
      ...(rows.length > count ? [`${count} of them have a number, all are in the table.`] : []),
      ...(comparable.length > rows.length ? [`${comparable.length - rows.length} more stand in the table alone.`] : []),
      ...(all.length > comparable.length ? [`${all.length - comparable.length} without "off" to compare with stand in the table alone.`] : []),
    ];
    const title = `Register writes against added latency: ${onFrontier} of ${plural(rows.length, 'configuration')} on the frontier`;
    return { rows, key, ...frameOf({ id: 'sweep', title, reading, aroundPx, plotPx: PLOT_PX }, options) };
  };
  const count = mostThatFits(Math.min(MAX_NAMED, drawn.length), MIN_NAMED, (most) => layoutOf(most).plotPx >= LEAST_PLOT_PX);
  const { rows, key, frame, plotPx } = layoutOf(count);
  const isDrawn = new Set(drawn);
  const table = tableOf([...rows, ...named(all.filter((row) => !isDrawn.has(row)), 0, others)]);
  return {
    ...frame,
    alt: `Configurations of a sweep. ${rows.filter((row) => row.number !== null).map(inWords).join('; ')}.`,
    series: STATUSES.map(({ status }) => status),
    spec: sweepSpec(rows, { insidePx, plotPx, legend, key }),
    data: table,
    summary: table.rows.length <= MAX_SUMMARY ? table : { ...table, rows: table.rows.slice(0, MAX_SUMMARY) },
  };
}

/** Which plots have an axis that isn't linear. */
function bends(rows: readonly SweepRow[]): readonly string[] {
  const bent = PANELS.flatMap(({ title, of }) => {
    const fromNs = bendNs(rows.map((row) => row[of]!));
    return fromNs === null ? [] : [`${durationText(fromNs / NS_PER_S)} (${title})`];
  });
  return bent.length === 0 ? [] : [`Latencies are drawn logarithmically beyond ${bent.join(' and ')}.`];
}

function rank({ wins, onFrontier, flaw }: SweepRow): number {
  if (wins.length > 0) return 0;
  if (onFrontier) return 1;
  return flaw === '' ? 3 : 2;
}

function byWrites(a: SweepRow, b: SweepRow): number {
  return a.mmioPerIo - b.mmioPerIo || (a.p99Ns ?? Infinity) - (b.p99Ns ?? Infinity);
}

/** Of everything but the SQ policy, what isn't the same for all. */
function othersOf(all: readonly SweepRow[]): (row: SweepRow) => readonly string[] {
  const differing = (['cqPolicy', 'driver', 'device', 'transport'] as const).filter((part) => all.some((row) => row[part] !== all[0]![part]));
  return (row) => differing.map((part) => row[part]);
}

/** The rows, of which the first `count` get numbers: in the order of writes, so that neighbours in the plot have neighbouring numbers. */
function named(ranked: readonly SweepRow[], count: number, othersFor: (row: SweepRow) => readonly string[]): readonly NamedRow[] {
  const numbered = new Set(ranked.slice(0, count));
  let number = 0;
  return ranked.toSorted(byWrites).map((row): NamedRow => {
    const others = othersFor(row);
    return {
      ...row,
      others,
      number: numbered.has(row) ? ++number : null,
      name: [row.policy, ...others].map(printable).join(' + '),
      status: row.flaw !== '' ? 'unsafe or stalled' : row.onFrontier ? 'on the frontier' : 'beaten by another',
    };
  });
}

function inWords({ name, mmioPerIo, addedP50Ns, addedP99Ns, pollCpu, status, flaw }: NamedRow): string {
  const judged = flaw === '' ? status : printable(flaw);
  return `${name}: ${mmioPerIo.toFixed(4)} writes per command, p50 ${signedTime(addedP50Ns!)}, p99 ${signedTime(addedP99Ns!)}, polling ${formatPercent(pollCpu)}, ${judged}`;
}

function tableOf(rows: readonly NamedRow[]): DataTable {
  const number = { kind: 'number' } as const;
  const text = { kind: 'text' } as const;
  return {
    columns: [
      { key: 'number', title: 'no.', meaning: 'number in the picture', kind: 'count' },
      { key: 'policy', title: 'SQ policy', meaning: 'event-index policy of the submission queues', ...text },
      { key: 'cq_policy', title: 'CQ policy', meaning: 'event-index policy of the completion queues', ...text },
      { key: 'driver', title: 'driver', meaning: 'driver model', ...text },
      { key: 'device', title: 'device', meaning: 'device model', ...text },
      { key: 'transport', title: 'transport', meaning: 'transport of doorbell writes', ...text },
      { key: 'cells', title: 'cells', meaning: 'runs with different seeds', kind: 'count' },
      { key: 'mmio_per_io', title: 'writes per command', meaning: 'doorbell register writes for each command', ...number, digits: 4 },
      { key: 'saved_fraction', title: 'saved', meaning: '1 - writes per command / those of policy "off"', ...number },
      { key: 'p50_ns', title: 'p50 (ns)', meaning: 'median latency', kind: 'count' },
      { key: 'p99_ns', title: 'p99 (ns)', meaning: '99th percentile of the latency', kind: 'count' },
      { key: 'added_p50_ns', title: 'added p50 (ns)', meaning: 'median latency minus that of policy "off"', kind: 'count' },
      { key: 'added_p99_ns', title: 'added p99 (ns)', meaning: '99th percentile minus that of policy "off"', kind: 'count' },
      { key: 'poll_cpu', title: 'polling', meaning: 'share of the time that the device polled for nothing', ...number },
      { key: 'status', title: 'status', meaning: 'whether it is on the frontier, beaten, or not to be recommended', ...text },
      { key: 'flaw', title: 'flaw', meaning: 'what is wrong with it, and with which policy', ...text },
      { key: 'wins', title: 'wins under', meaning: 'limits under which it has the fewest writes of all that are sound', ...text },
    ],
    rows: rows.map((row) => ({
      number: row.number,
      policy: printable(row.policy),
      cq_policy: printable(row.cqPolicy),
      driver: printable(row.driver),
      device: printable(row.device),
      transport: printable(row.transport),
      cells: row.cells,
      mmio_per_io: row.mmioPerIo,
      saved_fraction: row.savedFraction,
      p50_ns: row.p50Ns,
      p99_ns: row.p99Ns,
      added_p50_ns: row.addedP50Ns,
      added_p99_ns: row.addedP99Ns,
      poll_cpu: row.pollCpu,
      status: row.status,
      flaw: row.flaw === '' ? null : printable(row.flaw),
      wins: row.wins.length === 0 ? null : row.wins.join('; '),
    })),
  };
}
