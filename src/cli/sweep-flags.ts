// Flags and tables that sweep and optimize share.

import { Errors, Flags } from '@oclif/core';
import { EXIT } from '../base/errors.js';
import { formatNs } from '../base/units.js';
import type { Constraints, Point, Winner } from '../app/sweep/winners.js';
import type { Cell } from './table.js';

const number = Flags.custom<number, { readonly min: number; readonly max: number }>({
  parse: async (input, _context, { min, max }) => {
    const value = Number(input);
    if (input.trim() === '' || !(value >= min && value <= max)) throw new Errors.CLIError(`Expected a number from ${min} to ${max} but received: ${input}`, { exit: EXIT.usage });
    return value;
  },
});

/** Limits of what may be recommended. */
export const constraintFlags = {
  'max-p50-us': number({ summary: 'Median latency that a policy may have at most, in us.', min: 0, max: 1e9, helpValue: 'US' }),
  'max-p99-us': number({ summary: '99th percentile of the latency, in us.', min: 0, max: 1e9, helpValue: 'US' }),
  'max-poll-cpu': number({ summary: 'Share of the time that the device may poll for nothing, 0 to 1.', min: 0, max: 1, helpValue: 'SHARE' }),
};

export function constraintsOf(flags: { readonly 'max-p50-us'?: number | undefined; readonly 'max-p99-us'?: number | undefined; readonly 'max-poll-cpu'?: number | undefined }): Constraints {
  return { maxP50Us: flags['max-p50-us'], maxP99Us: flags['max-p99-us'], maxPollCpu: flags['max-poll-cpu'] };
}

export const threadsFlag = Flags.integer({ char: 'j', summary: 'Threads; by default one for each core.', min: 1, max: 256, helpValue: 'N' });

/** A list in one flag or several: commas separate a policy's parameters, so that spaces or further flags separate names. */
export const listOf = (summary: string, helpValue = 'NAME'): ReturnType<typeof list> => list(summary, helpValue);

function list(summary: string, helpValue: string) {
  return Flags.string({ summary, multiple: true, helpValue });
}

export const POINT_HEADER = ['SQ policy', 'CQ policy', 'MMIO/IO', 'p50', 'p99', 'polling', 'cells', 'verdict'];

/** A point as a row of a table; what is unsafe or stalled is named. */
export function pointRow({ policy, cq_policy: cqPolicy, mmio_per_io: mmio, p50_ns: p50, p99_ns: p99, poll_cpu: poll, cells, stalled, verdict, unsafe_policy: unsafe }: Point): readonly Cell[] {
  const judged = verdict === 'safe' ? 'safe' : `${verdict}: ${unsafe}`;
  return [policy, cqPolicy, mmio.toFixed(4), p50 === null ? '-' : formatNs(p50), p99 === null ? '-' : formatNs(p99), poll.toFixed(3), cells, stalled > 0 ? `${judged}, STALLED in ${stalled}` : judged];
}

export const WINNER_HEADER = ['constraint', ...POINT_HEADER];

/** What points and winners are compared within, as a heading. */
export function machineOf({ trace, driver, transport }: Pick<Point, 'trace' | 'driver' | 'transport'>): string {
  return `${trace}: ${driver} over ${transport}`;
}

/** A winner as a row of a table. */
export function winnerRow({ constraint, winner }: Winner): readonly Cell[] {
  return [constraint, ...(winner === null ? ['no policy keeps it'] : pointRow(winner))];
}

/** "3 min 20 s", for an estimate. */
export function aboutText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
