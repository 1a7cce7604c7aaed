// The analysis of events, with the lives of their commands.

import { Analyst } from '../../src/app/analysis.js';
import type { Analysis } from '../../src/app/analysis.js';
import { OCCUPANCY_CELLS } from '../../src/store/analysis.js';
import { COMMAND_CELLS, COMMAND_COLUMNS } from '../../src/trace/command-batch.js';
import type { CommandColumn } from '../../src/trace/command-batch.js';
import type { BatchConsumer } from '../../src/trace/batch.js';

export type CommandRow = Readonly<Record<CommandColumn, number>>;

export interface OccupancyRow {
  readonly life: number;
  /** 0 SQ, 1 device, 2 CQ. */
  readonly stage: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly bound: number;
}

export interface Analysed {
  readonly analysis: Analysis;
  readonly commands: readonly CommandRow[];
  readonly occupancy: readonly OccupancyRow[];
}

/** Analyses what `play` hands to it, in order. */
export function analysed(play: (consume: BatchConsumer) => void, missing = 0): Analysed {
  const commands: CommandRow[] = [];
  const analyst = new Analyst(({ cells, length }) => {
    for (let row = 0; row < length; row++) {
      const entries = COMMAND_COLUMNS.map((name, i) => [name, cells[row * COMMAND_CELLS + i]]);
      commands.push(Object.fromEntries(entries) as CommandRow);
    }
  });
  play((batch) => analyst.push(batch));
  const analysis = analyst.end(missing);
  const occupancy: OccupancyRow[] = [];
  for (let at = 0; at < analysis.occupancy.length; at += OCCUPANCY_CELLS) {
    const [life, stage, startNs, endNs, min, mean, max, bound] = analysis.occupancy.subarray(at, at + OCCUPANCY_CELLS);
    occupancy.push({ life: life!, stage: stage!, startNs: startNs!, endNs: endNs!, min: min!, mean: mean!, max: max!, bound: bound! });
  }
  return { analysis, commands, occupancy };
}

/** One stage of one queue's life: entries times ns, counted by the levels and by the commands' own times. */
export interface Held {
  readonly life: number;
  readonly stage: number;
  readonly bound: number;
  readonly byLevels: number;
  readonly byCommands: number;
  /** Commands that have both ends of the stage. */
  readonly commands: number;
}

/** Little's law says that both are the same: mean occupancy = throughput * mean time, each multiplied by the duration. */
export function heldTwice({ analysis, commands, occupancy }: Analysed): readonly Held[] {
  const closed = new Map(analysis.queues.map(({ life, closedNs }) => [life, closedNs]));
  const stages = new Map<string, { life: number; stage: number; bound: number; byLevels: number }>();
  for (const { life, stage, bound, mean, startNs, endNs } of occupancy) {
    const key = `${life} ${stage}`;
    const sum = stages.get(key) ?? { life, stage, bound, byLevels: 0 };
    sum.byLevels += mean * (endNs - startNs);
    stages.set(key, sum);
  }
  return [...stages.values()].map((sum) => {
    const closedNs = closed.get(sum.life) ?? NaN;
    const times = commands.filter((command) => command.life === sum.life).map((command) => timeIn(command, sum.stage, closedNs));
    const known = times.filter((ns) => !Number.isNaN(ns));
    return { ...sum, byCommands: known.reduce((total, ns) => total + ns, 0), commands: known.length };
  });
}

/** A command that never leaves a stage, such as an Asynchronous Event Request, is in it until the queue is closed. */
function timeIn({ setupNs, announcedNs, fetchedNs, completedNs, reapedNs }: CommandRow, stage: number, closedNs: number): number {
  const until = (ns: number): number => (Number.isNaN(ns) ? closedNs : ns);
  switch (stage) {
    case 0:
      return until(fetchedNs) - (Number.isNaN(setupNs) ? announcedNs : setupNs);
    case 1:
      return until(completedNs) - fetchedNs;
    default:
      return until(reapedNs) - completedNs;
  }
}
