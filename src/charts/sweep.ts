// The frontier of a sweep: register writes for each command against added latency, a mark for each configuration.

import { printable } from '../base/text.js';
import { formatPercent, plural } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { frameOf, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { keyLayout, legendLayout, panelTitlePx, signedTime, STATUSES, sweepSpec, VIEW_GAP_PX } from './sweep-spec.js';
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
  /** In the key; null beyond MAX_NAMED. */
  readonly number: number | null;
  readonly name: string;
  readonly status: (typeof STATUSES)[number]['status'];
}

/** Marks drawn at most in each plot, and those among them with a number and a name. */
export const MAX_POINTS = 1000;
export const MAX_NAMED = 40;
const PLOT_PX = 300;
const MAX_SUMMARY = 100;

/** The chart of a sweep. What is drawn and named first where there is too much: winners, the frontier, what is unsafe, then fewest writes. */
export function sweepChart(all: readonly SweepRow[], options: ChartOptions = {}): Chart {
  const comparable = all.filter(({ addedP50Ns, addedP99Ns }) => addedP50Ns !== null && addedP99Ns !== null);
  if (comparable.length === 0) throw nothingToDraw('sweep', all.length === 0 ? 'there is no cell' : 'no configuration has cells of policy "off" to compare its latency with');
  const rows = named(comparable.toSorted((a, b) => rank(a) - rank(b) || byWrites(a, b)).slice(0, MAX_POINTS), all);
  const widthPx = options.widthPx ?? 800;
  const insidePx = widthPx - 2 * PADDING_PX;
  const legend = legendLayout(insidePx);
  const key = keyLayout(rows, insidePx);
  const unsafe = rows.filter(({ status }) => status === 'unsafe or stalled').length;
  const { frame, plotPx } = frameOf(
    {
      id: 'sweep',
      title: `Doorbell writes against added latency: ${plural(rows.length, 'configuration')}, ${rows.filter((row) => row.onFrontier).length} on the frontier${unsafe === 0 ? '' : `, ${unsafe} unsafe or stalled`}`,
      reading: [
        'On the frontier: none that is sound has fewer writes, a shorter 99th percentile and less polling at once; differences below 2 % count as chance. Means over seeds; added: against policy "off".',
        ...(rows.some(({ mmioPerIo }) => mmioPerIo === 0) ? ['Without any write: drawn at the left edge.'] : []),
        ...(rows.length > MAX_NAMED ? [`${MAX_NAMED} of them are named here, all in the table.`] : []),
        ...(comparable.length > rows.length ? [`${comparable.length - rows.length} more stand in the table alone.`] : []),
        ...(all.length > comparable.length ? [`${all.length - comparable.length} without "off" to compare with stand in the table alone.`] : []),
      ],
      aroundPx: legend.heightPx + key.heightPx + panelTitlePx + X_AXIS_PX + 2 * VIEW_GAP_PX,
      plotPx: PLOT_PX,
    },
    options,
  );
  const rest = all.filter((row) => !rows.some((drawn) => drawn.key === row));
  const table = tableOf([...rows, ...named(rest, all).map((row) => ({ ...row, number: null }))]);
  return {
    ...frame,
    alt: `Configurations of a sweep. ${rows.filter((row) => row.number !== null).map(inWords).join('; ')}.`,
    series: STATUSES.map(({ status }) => status),
    spec: sweepSpec(rows, { insidePx, plotPx, legend, key }),
    data: table,
    summary: table.rows.length <= MAX_SUMMARY ? table : { ...table, rows: table.rows.slice(0, MAX_SUMMARY) },
  };
}

function rank({ wins, onFrontier, flaw }: SweepRow): number {
  if (wins.length > 0) return 0;
  if (onFrontier) return 1;
  return flaw === '' ? 3 : 2;
}

function byWrites(a: SweepRow, b: SweepRow): number {
  return a.mmioPerIo - b.mmioPerIo || (a.p99Ns ?? Infinity) - (b.p99Ns ?? Infinity);
}

/** Names that say what differs; numbers in the order of writes, so that neighbours in the plot have neighbouring numbers. */
function named(rows: readonly SweepRow[], all: readonly SweepRow[]): readonly (NamedRow & { readonly key: SweepRow })[] {
  const differs = (['policy', 'cqPolicy', 'driver', 'device', 'transport'] as const).filter((part) => part === 'policy' || all.some((row) => row[part] !== all[0]![part]));
  const numbered = new Set(rows.slice(0, MAX_NAMED));
  let number = 0;
  return rows.toSorted(byWrites).map((row) => ({
    ...row,
    key: row,
    number: numbered.has(row) ? ++number : null,
    name: differs.map((part) => printable(row[part])).join(' + '),
    status: row.flaw !== '' ? 'unsafe or stalled' : row.onFrontier ? 'on the frontier' : 'beaten by another',
  }));
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
