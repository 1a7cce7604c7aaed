// What an event-index policy is: small programs of named steps that a device runs at fixed points of its work.
// The replay runs them for their cost, the verifier runs the very same objects through every interleaving.
// Without a step that keeps the device awake (poll) or wakes it (timer), it sleeps after `onEmpty`
// if the queue is still empty by what it has read.
//
// Background: [NVMe-2.0] 5.8 defines the words and the driver's rule, and leaves the policy to the device.

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
  /** Commands of this queue that the device has fetched and not completed. */
  inFlight: number;
}

/** Write EventIdx; `index` may decline by returning undefined. */
export interface PublishStep {
  readonly step: 'publish';
  readonly index: (view: Readonly<PolicyView>) => number | undefined;
}

/** A full barrier: earlier stores are visible before later loads happen. */
export interface BarrierStep {
  readonly step: 'barrier';
}

/** Read the shadow doorbell again. */
export interface RereadStep {
  readonly step: 'reread';
}

/** Stay awake, and look again after this many ns. */
export interface PollStep {
  readonly step: 'poll';
  readonly everyNs: number;
}

/** Sleep, but look again after this many ns. */
export interface TimerStep {
  readonly step: 'timer';
  readonly afterNs: number;
}

export type PolicyStep = PublishStep | BarrierStep | RereadStep | PollStep | TimerStep;

/** What a policy does on a submission queue. */
export interface SqProgram {
  /** A pass over the queue begins. */
  readonly onStart: readonly PolicyStep[];
  /** A command was fetched. */
  readonly onCommand: readonly PolicyStep[];
  /** The queue is empty by what the device has read; the pass ends if it still is afterwards. */
  readonly onEmpty: readonly PolicyStep[];
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

interface PolicyText {
  /** Name on the command line. */
  readonly name: string;
  /** Its number in the catalogue. */
  readonly id: string;
  /** The rule in one line. */
  readonly formula: string;
  /** Who uses it. */
  readonly provenance: string;
  /** What can go wrong with it. */
  readonly risk: string;
}

export interface SqPolicy extends PolicyText {
  readonly side: 'sq';
  readonly program: SqProgram;
}

export interface CqPolicy extends PolicyText {
  readonly side: 'cq';
  readonly program: CqProgram;
}

export type Policy = SqPolicy | CqPolicy;

/** Steps that recur in many policies. */
export const BARRIER: BarrierStep = { step: 'barrier' };
export const REREAD: RereadStep = { step: 'reread' };

/** A publish step. */
export function publish(index: PublishStep['index']): PublishStep {
  return { step: 'publish', index };
}
