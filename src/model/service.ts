// The times that the model takes from outside: from a recording, from a synthetic workload, or from a test.
// Implementations live in replay; the model only asks.

/** How long the device and the interrupt path take. All times in ns, 0 or more. */
export interface ServiceTimes {
  /** From a doorbell's arrival at a sleeping device to its first fetch. */
  wakeNs(): number;
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
  /** CPU time of the handler up to that pass, on a vCPU that was at work. */
  busyHandlerNs(): number;
}

/** What one queue's vCPU does, as a closed loop. */
export interface Work {
  /** Commands outstanding at most; a batch that doesn't fit waits for completions. */
  readonly window: number;
  /** From the start to the first submission, in ns. */
  readonly startNs: number;
  /** Commands in the next batch, 0 when there is no more work. */
  nextBatch(): number;
  /** From a submission to the next one, when completions needn't be waited for; without the doorbell's cost. */
  thinkAfterSubmitNs(): number;
  /** From the driver's pass over the CQ to the next submission, when that had to wait for it. */
  thinkAfterReapNs(): number;
}
