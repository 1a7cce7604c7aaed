// What an event-index policy is: small programs of named steps that a device runs at fixed points of its work.
// The replay runs them for their cost, the verifier runs the very same objects through every interleaving.
// Without a step that keeps the device awake (poll) or wakes it (timer), it sleeps after `onEmpty`
// if the queue is still empty by what it has read.
//
// Background: [NVMe-2.0] 5.8 defines the words and the driver's rule, and leaves the policy to the device.

/** Registers of each kind that a policy has for each queue side. */
export const REGISTERS = 4;

/** What the device knows of one queue side when a step runs. Indexes are 0 .. depth - 1. */
export interface PolicyView {
  /** Entries of the queue. */
  depth: number;
  /** SQ: next entry to fetch. CQ: next entry to post. */
  position: number;
  /** The value that the device last read from the shadow doorbell (or got by the register): SQ tail, CQ head. */
  seen: number;
  /** The value that the device last wrote to EventIdx. */
  published: number;
  /** Commands of this queue that the device has fetched and not completed; always 0 on a CQ. */
  inFlight: number;
  /** The policy's own registers, whole numbers, 0 at first: written by `set` and `measure`. The verifier follows each value. */
  state: number[];
  /**
   * Registers for times and rates, 0 at first: written by `time`. The verifier has no clock: only `time`, the
   * condition of `measure`, and the durations of `poll` and `timer` may read them or `nowNs`.
   */
  times: number[];
  /** The device's clock, in ns. */
  nowNs: number;
}

type View = Readonly<PolicyView>;

/** A duration in ns, or how to tell it. */
export type Duration = number | ((view: View) => number);

/** Every step may have a condition: where it doesn't hold, the step is left out. */
interface Conditional {
  readonly when?: (view: View) => boolean;
}

/** Write EventIdx; `index` may decline by returning undefined. A 32-bit value: the driver compares its lower 16 bits. */
export interface PublishStep extends Conditional {
  readonly step: 'publish';
  readonly index: (view: View) => number | undefined;
}

/** A full barrier: earlier stores are visible before later loads happen. */
export interface BarrierStep extends Conditional {
  readonly step: 'barrier';
}

/** Read the shadow doorbell again. */
export interface RereadStep extends Conditional {
  readonly step: 'reread';
}

/**
 * Stay awake, and look for a new value of the shadow doorbell every so often, for `forNs` at most (default: for ever). When there is one,
 * or the time is over, the next pass begins.
 */
export interface PollStep extends Conditional {
  readonly step: 'poll';
  readonly everyNs: Duration;
  readonly forNs?: Duration;
}

/** Sleep, but begin another pass after this many ns. */
export interface TimerStep extends Conditional {
  readonly step: 'timer';
  readonly afterNs: Duration;
}

/** Write one of the policy's own registers: a whole number, 0 .. 65535. */
export interface SetStep extends Conditional {
  readonly step: 'set';
  readonly register: number;
  readonly value: (view: View) => number;
}

/** Write 1 to one of the policy's own registers if the condition holds now, else 0. It may read times; the verifier tries both. */
export interface MeasureStep extends Conditional {
  readonly step: 'measure';
  readonly register: number;
  readonly holds: (view: View) => boolean;
}

/** Write one of the registers for times. */
export interface TimeStep extends Conditional {
  readonly step: 'time';
  readonly register: number;
  readonly value: (view: View) => number;
}

/** onStart, onCommand: end the pass here, with whatever is left in the queue, and sleep. */
export interface StopStep extends Conditional {
  readonly step: 'stop';
}

/** onComplete: begin a pass. */
export interface LookStep extends Conditional {
  readonly step: 'look';
}

export type PolicyStep = PublishStep | BarrierStep | RereadStep | PollStep | TimerStep | SetStep | MeasureStep | TimeStep | StopStep | LookStep;

/** What a policy does on a submission queue. */
export interface SqProgram {
  /** A pass over the queue begins. */
  readonly onStart: readonly PolicyStep[];
  /** A command was fetched. */
  readonly onCommand: readonly PolicyStep[];
  /** The queue is empty by what the device has read; the pass ends if it still is afterwards. */
  readonly onEmpty: readonly PolicyStep[];
  /** A command of this queue was completed, between two passes. */
  readonly onComplete?: readonly PolicyStep[];
}

/** What a policy does on a completion queue. */
export interface CqProgram {
  /** Doorbell Buffer Config was accepted. */
  readonly onConfig: readonly PolicyStep[];
  /** A completion is about to be posted. */
  readonly onPost: readonly PolicyStep[];
  /** The queue is full by what the device has read; posting stops if it still is afterwards. */
  readonly onFull: readonly PolicyStep[];
}

/** What a policy is called, and what there is to know of it. */
export interface PolicyText {
  /** Name on the command line, with the parameters that aren't the defaults. */
  readonly name: string;
  /** Its number in the catalogue. */
  readonly id: string;
  /** The rule in one line. */
  readonly formula: string;
  /** Who uses it. */
  readonly provenance: string;
  /** What can go wrong with it. */
  readonly risk: string;
  /** Of a policy from a file: the file's SHA-256. */
  readonly sha256?: string;
}

/** How a policy is judged. */
interface Judged<P> {
  /** The same program with values under which a queue of a few entries shows all its behaviour; verified beside it. */
  readonly scaled?: P;
}

export interface SqPolicy extends PolicyText, Judged<SqPolicy> {
  readonly side: 'sq';
  readonly program: SqProgram;
  /** The driver keeps to the register: there are no shadow doorbells at all. */
  readonly withoutShadow?: true;
}

export interface CqPolicy extends PolicyText, Judged<CqPolicy> {
  readonly side: 'cq';
  readonly program: CqProgram;
}

export type Policy = SqPolicy | CqPolicy;

/** What is known of a queue side at first. */
export function newView(depth: number): PolicyView {
  const registers = (): number[] => Array.from({ length: REGISTERS }, () => 0);
  return { depth, position: 0, seen: 0, published: 0, inFlight: 0, state: registers(), times: registers(), nowNs: 0 };
}

/** Steps that recur in many policies. */
export const BARRIER: BarrierStep = { step: 'barrier' };
export const REREAD: RereadStep = { step: 'reread' };

/** A publish step. */
export function publish(index: PublishStep['index']): PublishStep {
  return { step: 'publish', index };
}

/** The steps, each under that condition besides its own. */
export function onlyWhen(condition: (view: View) => boolean, steps: readonly PolicyStep[]): readonly PolicyStep[] {
  return steps.map((step) => {
    const { when: own } = step;
    return { ...step, when: own === undefined ? condition : (view: View): boolean => condition(view) && own(view) };
  });
}

/** A duration's value now, in ns. */
export function durationNs(duration: Duration, view: View): number {
  return typeof duration === 'number' ? duration : duration(view);
}
