// What a review is made of: plain data, the same whether it comes from memory or from a JSON file.
// Every text may come from a capture and is escaped when the page is built. No field holds a wall-clock time.

import type { DataTable } from '../charts/spec.js';

/** A count for each side of a queue: SQ tail and CQ head. */
export interface Sides {
  readonly sq: number;
  readonly cq: number;
}

/** A median with the ends of its 90 % interval. */
export interface MedianInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** A mean with the smallest and largest of several captures. */
export interface MeanRange {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** MMIO doorbell writes on I/O queues. */
export interface MmioOf<T> {
  readonly sq: T;
  readonly cq: T;
  readonly total: T;
}

/** How good the recording is: what became of its records, what was inferred or left out. */
export interface TraceFacts {
  readonly name: string;
  readonly format: string;
  /** 'none' when the capture has no time stamps. */
  readonly clock: string;
  /** From the first to the last event; null without time stamps. */
  readonly spanNs: number | null;
  readonly records: {
    readonly read: number;
    readonly events: number;
    readonly ignored: number;
    readonly unknown: number;
    readonly rejected: number;
    /** Records that the capture itself reports as missing. */
    readonly lost: number;
  };
  /** Names of records that no table knows -> how many. */
  readonly unknown: Readonly<Record<string, number>>;
  /** Reasons for refusing records -> how many. */
  readonly rejects: Readonly<Record<string, number>>;
  /** What the capture doesn't say and was inferred, and what was left out, one sentence each. */
  readonly inferred: readonly string[];
}

/** Doorbell traffic of one queue. src/metrics' QueueDoorbells is one of these. */
export interface QueueFacts {
  readonly qid: number;
  /** Entries of the submission queue; absent when its creation wasn't captured. */
  readonly depth?: number | undefined;
  readonly commands: number;
  readonly mmio: Sides;
  /** Shadow doorbell values that the device was seen to read. */
  readonly shadow: Sides;
  /** EventIdx values that the device was seen to write. */
  readonly eventidx: Sides;
  readonly interrupts: number;
}

export interface ControllerFacts {
  readonly id: number;
  /** Whether shadow doorbells were in use in the recording. */
  readonly shadow: boolean;
  /** I/O queues. */
  readonly queues: readonly QueueFacts[];
  readonly admin?: QueueFacts | undefined;
}

/** A number that should come out of a replay of the recording as it was. */
export interface SelfCheckItem {
  readonly what: string;
  readonly recorded: number;
  readonly replayed: number;
  readonly passed: boolean;
}

/** The what-if: what it assumes, and what it predicts. */
export interface WhatIfFacts {
  readonly shadow: 'on' | 'off';
  readonly policy: string;
  readonly cqPolicy: string;
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  /** What the prediction is compared with: the recording, or its replay with shadow doorbells off. */
  readonly baseline: { readonly name: string; readonly mmio: MmioOf<number> };
  readonly predicted: {
    readonly commands: number;
    readonly mmio: MmioOf<MedianInterval>;
    /** 1 - predicted total / baseline total, with its 90 % interval. */
    readonly saved: { readonly fraction: number; readonly low: number; readonly high: number };
    /** Commands that waited for a wake-up which never came. */
    readonly stalls: number;
  };
  /** Simple predictors of the saved fraction, which a model has to beat. */
  readonly baselines: readonly { readonly name: string; readonly meaning: string; readonly saved: number }[];
  readonly selfCheck: {
    readonly passed: boolean;
    /** When an item passes, after "passed when ": 'each side is within 15 % of the recording'. */
    readonly criterion?: string;
    readonly items: readonly SelfCheckItem[];
  };
  /** What the prediction doesn't cover, one sentence each. */
  readonly limits: readonly string[];
}

/** Captures of the same workload under the policy of the what-if. */
export interface CapturedFacts {
  readonly names: readonly string[];
  readonly mmio: MmioOf<MeanRange>;
  readonly saved: MeanRange;
  /** Predicted minus captured saved fraction. */
  readonly savedError: number;
  /** Whether the captured mean lies within the predicted interval. */
  readonly covered: boolean;
}

/** A rendered chart. Made by `figureOf`, in figure.ts. */
export interface ReviewFigure {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string;
  readonly alt: string;
  /** Names of series that a reader may show and hide. */
  readonly series?: readonly string[];
  /** The drawing without heading, with role="img" and its text alternative. */
  readonly svg: string;
  readonly table: DataTable;
}

/** Exits of one kind: how many, and the time from exit to entry. */
export interface ExitSum {
  readonly exits: number;
  readonly totalNs: number;
}

/** VM exits of the capture, and those among them for doorbells of I/O queues. */
export interface ExitFacts {
  readonly all: ExitSum;
  readonly sq: ExitSum;
  readonly cq: ExitSum;
  readonly unpaired: number;
}

/** One of the captures that a trace was joined from. */
export interface SourceFacts {
  readonly name: string;
  readonly format: string;
  /** How its clock was aligned, in words. */
  readonly alignment: string;
}

/** A what-if on the same trace, for the comparison of policies. */
export interface PolicyFacts {
  readonly name: string;
  readonly configuration: string;
  readonly total: number;
  readonly saved: { readonly fraction: number; readonly low: number; readonly high: number };
  readonly p99Ns: number | null;
  readonly stalls: number;
}

/** Whether a policy can lose a wake-up. */
export interface VerdictFacts {
  readonly policy: string;
  readonly side: string;
  readonly verdict: string;
  readonly states: number;
  readonly reason: string;
  /** Driver, barriers, memory model and bounds. */
  readonly under: string;
}

/** Findings of the audit, by severity. */
export interface AuditFacts {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

/** Everything that somebody needs to get the same numbers again. */
export interface MethodFacts {
  readonly toolVersion: string;
  readonly inputs: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[];
  readonly seed: number;
  readonly repeat: number;
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly source: string }[];
  /** Command lines, in the order in which they are to be run. */
  readonly commands: readonly string[];
}

/** The review of one what-if on one recording. */
export interface ReviewInput {
  readonly trace: TraceFacts;
  readonly controllers: readonly ControllerFacts[];
  readonly whatIf: WhatIfFacts;
  readonly captured?: CapturedFacts;
  /** Absent where the capture shows no VM exits. */
  readonly exits?: ExitFacts;
  /** Empty unless the trace was joined. */
  readonly sources: readonly SourceFacts[];
  /** What-ifs of this trace that the store holds, this one among them. */
  readonly policies: readonly PolicyFacts[];
  readonly verdicts: readonly VerdictFacts[];
  /** Absent where the store holds no finding of an audit. */
  readonly audit?: AuditFacts;
  readonly figures: readonly ReviewFigure[];
  readonly method: MethodFacts;
}
