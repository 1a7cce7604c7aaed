// What a policy file is written against: the export "bellwether/policy". Types alone, so that a file needs nothing installed to run.

import type { Parameter, Values } from './family.js';
import type { CqProgram, SqProgram } from './policy.js';

export type { BarrierStep, CqProgram, Duration, LookStep, MeasureStep, PolicyStep, PolicyView, PollStep, PublishStep, RereadStep, SetStep, SqProgram, StopStep, TimeStep, TimerStep } from './policy.js';
export type { Parameter, Values } from './family.js';

interface OwnText {
  /** The rule in one line. */
  readonly formula?: string;
  readonly provenance?: string;
  readonly risk?: string;
  /** Numbers that may be given on the command line, as in `./mine.js#name:k=4`. `program` must then be a function of their values. */
  readonly parameters?: readonly Parameter[];
}

/** A policy of the submission queue, as a file exports it. */
export interface OwnSqPolicy extends OwnText {
  readonly side: 'sq';
  readonly program: SqProgram | ((values: Values) => SqProgram);
}

/** A policy of the completion queue, as a file exports it. */
export interface OwnCqPolicy extends OwnText {
  readonly side: 'cq';
  readonly program: CqProgram | ((values: Values) => CqProgram);
}

/** What a policy file exports under each of its names. */
export type Policy = OwnSqPolicy | OwnCqPolicy;
