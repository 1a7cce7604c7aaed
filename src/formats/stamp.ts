// The place of a record in its capture.

/** Where and when a record was found. */
export interface Stamp {
  /** Since the trace's origin; NaN without a time stamp. */
  timeNs: number;
  /** ABSENT when the record names no thread. */
  thread: number;
  /** Line (from 1) or byte (from 0). */
  place: number;
}
