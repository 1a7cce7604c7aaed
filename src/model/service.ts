// The times that the model takes from outside: from a recording, from a synthetic workload, or from a test.
// Implementations live in replay; the model only asks.

/** How long the device and the interrupt path take. All times in ns, 0 or more. */
export interface ServiceTimes {
  /** From a doorbell's arrival at a device that has slept for `asleepNs` to the begin of its work. */
  wakeNs(asleepNs: number): number;
  /** vCPU time of waking a device that has slept for `asleepNs`. */
  kickNs(asleepNs: number): number;
  /** From the release of the device's lock to a vCPU that slept for it; `signalled`: the device raised an interrupt before it. */
  lockWakeNs(asleepNs: number, signalled: boolean): number;
  /** One command's fetch and issue, without the shadow doorbell accesses. */
  fetchNs(): number;
  /** From the end of fetching (or of the last batch of completions) to the next batch, with `inFlight` commands in the backend. */
  backendNs(inFlight: number): number;
  /** How many of the `inFlight` commands in the backend that batch completes: 1 .. inFlight. Asked when the batch arrives. */
  backendBatch(inFlight: number): number;
  /** One command's completion in the device. */
  completeNs(): number;
  /** From the last posted CQE to the interrupt. */
  interruptNs(): number;
  /** From the interrupt to the driver's pass over the CQ, on a vCPU that was idle. */
  handlerNs(): number;
  /** The same on a vCPU that was at work: it gets on with nothing else. */
  busyHandlerNs(): number;
  /** CPU time up to the pass when the interrupt waited for the end of a register write. */
  pendingHandlerNs(): number;
  /** CPU time of the handler after the pass, without the doorbell's. */
  handlerTailNs(): number;
  /** CPU time of a pass for each completion after the first. */
  perCompletionNs(): number;
  /** From fetch to completion of a special command, one that isn't the workload's own kind; by its opcode. */
  specialNs?(opcode: number): number;
  /**
   * From issue to the end of its service, of one of the workload's own commands, where the backend serves each on its own; the time
   * until the device's thread is back at work not included. Without it the backend completes batches, see `backendNs`.
   */
  commandNs?(qid: number, nowNs: number): number;
  readonly workers?: Workers | undefined;
}

/** The backend's worker threads, where they share the main loop's core: each fetch wakes one, which may take the core at once. */
export interface Workers {
  /** One command's fetch and issue, in ns; `first` of its pass over the SQ. `stepsNs`: what the loop spent on the policy's steps since the fetch before. */
  fetchNs(first: boolean, stepsNs: number): number;
  /** Whether the worker that it woke takes the core, so that the command is done at its end. */
  readonly tookCore: boolean;
  /** From the end of a pass to the completion of what is done then, in ns. Other commands wait until the loop sleeps, see ServiceTimes.backendNs. */
  doneNs(): number;
}

/** What one queue's vCPU does, as a closed loop. */
export interface Work {
  /** Commands outstanding at most; a batch that doesn't fit waits for completions. */
  readonly window: number;
  /** From the start to the first submission, in ns. */
  readonly startNs: number;
  /** Commands in the next batch, 0 when there is no more work. Asked when the last one was submitted, and at the start. */
  nextBatch(nowNs: number): number;
  /** Of the batch that `nextBatch` returned last: the opcode of its last command if that is a special one, else -1. */
  readonly opcode?: number;
  /** Of that batch: whether the next one waits until everything is done. */
  readonly waits?: boolean;
  /** From a submission to the next one, when completions needn't be waited for; without the doorbell's cost. */
  thinkAfterSubmitNs(): number;
  /** From the driver's pass over the CQ to the next submission, when that had to wait for it. */
  thinkAfterReapNs(): number;
  /** For how long the vCPU sleeps before it goes on to the next batch, in ns; asked once for each batch but the first. */
  pauseNs?(nowNs: number): number;
}
