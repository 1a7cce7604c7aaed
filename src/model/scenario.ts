// What happens to a machine beside its work: a doorbell buffer command that is refused or comes late, a controller reset, a driver
// on an unusual host. Nothing of it happens unless it is asked for.

export interface Scenario {
  /** The device refuses the command that hands over the doorbell buffers. */
  readonly refusesConfig?: boolean;
  /** That command is accepted so long after I/O began, in ns; otherwise before it. */
  readonly configAfterNs?: number;
  /** Once so many commands are done, in all, outstanding ones are finished and the controller is reset. */
  readonly resetAfter?: number;
  /** CPUs that were online when the driver was loaded; otherwise one for each queue. */
  readonly onlineCpus?: number;
  /** The host of the driver is big-endian. */
  readonly bigEndianHost?: boolean;
  /** How long a store stays in the driver's store buffer, in ns. Without it a replay is sequentially consistent. */
  readonly storeBufferNs?: number;
  /** The driver's timeout of a command, in ns: what it does then shows. Without it a run ends where it stalls. */
  readonly ioTimeoutNs?: number;
}
