// The record of the predictions as a document.

import { mean } from '../../src/metrics/stats.js';
import type { AccuracyRow, Truth } from './accuracy.js';

function digits(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '-'}${digits(Math.abs(value))}`;
}

function percent(predicted: number, captured: number): string {
  const share = Math.round((predicted / captured - 1) * 100);
  return `${share >= 0 ? '+' : '-'}${Math.abs(share)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowsOf(rows: readonly AccuracyRow[], { folder, workload }: Truth, predicts: 'on' | 'off'): readonly AccuracyRow[] {
  return rows.filter((row) => row.folder === folder && row.workload === workload && row.predicts === predicts);
}

/** Mean over a folder's workloads of |mean over its recordings - mean of the captures|, for anything that predicts a saved fraction. */
export function meanAbsoluteError(rows: readonly AccuracyRow[], truths: readonly Truth[], of: (row: AccuracyRow) => number): number {
  return mean(truths.map((truth) => Math.abs(mean(rowsOf(rows, truth, 'on').map(of)) - truth.saved)));
}

/** Share of the captures that lie in the intervals. */
export function coverage(rows: readonly AccuracyRow[]): number {
  const sum = (of: (row: AccuracyRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return sum(({ covered }) => covered) / sum(({ captures }) => captures);
}

/** The same of the CQ writes. */
function coverageOfCq(rows: readonly AccuracyRow[]): number {
  const sum = (of: (row: AccuracyRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return sum(({ cqWrites }) => cqWrites.covered) / sum(({ cqWrites }) => cqWrites.captures);
}

function whole(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function width(rows: readonly AccuracyRow[]): string {
  return digits(mean(rows.map(({ low, high }) => high - low)));
}

/** Of predictions with shadow doorbells on. */
export function meanScore(rows: readonly AccuracyRow[]): number {
  return mean(rows.map((row) => row.score));
}

function workloadLine(rows: readonly AccuracyRow[], truth: Truth): readonly string[] {
  const own = rowsOf(rows, truth, 'on');
  const [sq, cq, saved] = [mean(own.map((row) => row.sq)), mean(own.map((row) => row.cq)), mean(own.map((row) => row.saved))];
  return [
    truth.workload,
    digits(saved),
    `${digits(truth.saved)} (${digits(truth.low)} .. ${digits(truth.high)})`,
    signed(saved - truth.saved),
    `${Math.round(sq)} / ${truth.sq.on} (${percent(sq, truth.sq.on)})`,
    `${Math.round(cq)} / ${truth.cq.on} (${percent(cq, truth.cq.on)})`,
    whole(coverage(own)),
    width(own),
    digits(meanScore(own)),
    `${own.filter(({ selfCheck }) => selfCheck).length} of ${own.length}`,
  ];
}

function recordingLine(row: AccuracyRow): readonly string[] {
  return [`${row.workload}, run ${row.run}`, `${digits(row.saved)} (${digits(row.low)} .. ${digits(row.high)})`, `${row.sq}`, `${row.cq}`, row.selfCheck ? 'passed' : 'failed'];
}

function reverseLine(rows: readonly AccuracyRow[], truth: Truth): readonly string[] {
  const own = rowsOf(rows, truth, 'off');
  const [sq, cq] = [mean(own.map((row) => row.sq)), mean(own.map((row) => row.cq))];
  const { off } = truth.cqWrites;
  const ends = (of: (row: AccuracyRow) => number): number => Math.round(mean(own.map(of)));
  return [
    truth.workload,
    `${Math.round(sq)} / ${truth.sq.off} (${percent(sq, truth.sq.off)})`,
    `${Math.round(cq)} / ${truth.cq.off} (${percent(cq, truth.cq.off)})`,
    `${Math.min(...off)} .. ${Math.max(...off)}`,
    `${ends(({ cqWrites }) => cqWrites.low)} .. ${ends(({ cqWrites }) => cqWrites.high)}`,
    whole(coverageOfCq(own)),
  ];
}

function folderText(rows: readonly AccuracyRow[], truths: readonly Truth[]): string {
  const on = rows.filter(({ predicts }) => predicts === 'on');
  const off = rows.filter(({ predicts }) => predicts === 'off');
  const names = Object.keys(on[0]!.baselines);
  const errors = [
    ['the model', digits(meanAbsoluteError(rows, truths, ({ saved }) => saved))],
    ...names.map((name) => [name, digits(meanAbsoluteError(rows, truths, ({ baselines }) => baselines[name]!))]),
  ];
  return [
    table(['workload', 'predicted', 'captured mean (range)', 'error', 'SQ writes, predicted / captured', 'CQ writes', 'captures in the interval', 'its mean width', 'interval score', 'self-check'], truths.map((truth) => workloadLine(rows, truth))),
    `Captures in the 90 % intervals of the saved fraction: ${whole(coverage(on))}; mean width ${width(on)}, mean interval score ${digits(meanScore(on))}. In those of the CQ writes: ${whole(coverageOfCq(on))}.`,
    'Mean absolute error of the saved fraction over the workloads:',
    table(['predictor', 'error'], errors),
    'Each recording:',
    table(['recording', 'predicted saved fraction (interval)', 'SQ writes', 'CQ writes', 'self-check'], on.map(recordingLine)),
    ...(off.length === 0 ? [] : reverseTexts(off, truths)),
  ].join('\n\n');
}

function reverseTexts(rows: readonly AccuracyRow[], truths: readonly Truth[]): readonly string[] {
  return [
    'The other way, from recordings with shadow doorbells on to off:',
    table(
      ['workload', 'SQ writes, predicted / captured', 'CQ writes', 'captured', '90 % interval, mean ends', 'captures in the interval'],
      truths.map((truth) => reverseLine(rows, truth)),
    ),
    `Captures in the 90 % intervals of the CQ writes: ${whole(coverageOfCq(rows))}.`,
  ];
}

/** The tables of docs/accuracy.md, by folder. */
export function accuracyTables(rows: readonly AccuracyRow[], truths: readonly Truth[]): Readonly<Record<string, string>> {
  const folders = [...new Set(truths.map(({ folder }) => folder))];
  return Object.fromEntries(folders.map((folder) => [folder, folderText(rows.filter((row) => row.folder === folder), truths.filter((truth) => truth.folder === folder))]));
}

/** The document with the tables in place of those between the marks of each folder; throws when it has no place for one. */
export function withTables(document: string, byFolder: Readonly<Record<string, string>>): string {
  return Object.entries(byFolder).reduce((text, [folder, tables]) => {
    const [begin, end] = [`<!-- ${folder} -->`, `<!-- end of ${folder} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < 0) throw new Error(`the document has no place for ${folder}`);
    return `${text.slice(0, from)}${begin}\n\n${tables}\n\n${text.slice(to)}`;
  }, document);
}
