// A place of a trace.dat at which the file isn't what it says it is.

/** Thrown while the file's tables are read; what was read before stays. Never leaves this folder. */
export class Damage extends Error {
  /** Byte of the file. */
  readonly place: number;

  constructor(place: number, reason: string) {
    super(reason);
    this.name = 'Damage';
    this.place = place;
  }
}

/** Receives what is wrong with the file. */
export type DamageSink = (place: number, reason: string) => void;

/** Runs `read`; what is damaged there is told to the sink, and is no reason to stop. */
export function salvage(sink: DamageSink, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    sink(error.place, error.message);
  }
}
