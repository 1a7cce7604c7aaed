// The driver's times as a calibration holds them.

/** What a queue's submissions looked like. */
export interface QueueCalibration {
  /** Place in the action log. */
  readonly place: number;
  /** Sizes of the announced batches, in order. With shadow doorbells on: those that are known, see `batchesComplete`. */
  readonly batches: readonly number[];
  /** Whether `batches` holds every submission: only then can a replay repeat them one by one. */
  readonly batchesComplete: boolean;
  /** How many of them are inferred, see batches.ts. */
  readonly batchesInferred: number;
  /** Opcode of the last command of each batch when it is a special one, else -1. */
  readonly batchOpcodes: readonly number[];
  readonly commands: number;
  /** Commands outstanding that the submitter goes up to. */
  readonly window: number;
  /** See Window.reached. */
  readonly windowReached: boolean;
  /** Whether the driver polls for completions. */
  readonly polled: boolean;
  readonly startNs: number;
  /** From a submission to the next one that had room at once, and from the pass that made room, in ns; without register writes and handlers. */
  readonly thinkAfterSubmitNs: readonly number[];
  readonly thinkAfterReapNs: readonly number[];
  /** What a submission takes when nothing comes in between, in ns: a median. NaN when it can't be told. */
  readonly shortThinkNs: number;
  /** The gaps that it is the median of, in the order of the recording. */
  readonly shortGapsNs: readonly number[];
}

export interface DriverTimes {
  readonly queues: readonly QueueCalibration[];
  /** Opcodes of the special commands after which a submitter waits until everything is done. */
  readonly waitedFor: readonly number[];
  /** From an interrupt to the pass, in ns: on an idle vCPU, and on one at work. Of a queue without interrupts: from the completion. */
  readonly handlerNs: readonly number[];
  readonly busyHandlerNs: readonly number[];
  /** From the end of a write to the pass, with the interrupt pending, in ns. */
  readonly pendingHandlerNs: readonly number[];
  /** From the device's release of its lock after an interrupt to a vCPU that waited for it, in ns. */
  readonly letInAfterSignalNs: readonly number[];
  /** vCPU time of the handler after its doorbell, and of each completion after the first, in ns. */
  readonly handlerTailNs: number;
  readonly perCompletionNs: number;
  /** vCPU time of waking the device's thread, in ns. */
  readonly kickNs: number;
  /** Announcements that found the device with nothing to do. */
  readonly idleWakes: number;
}
