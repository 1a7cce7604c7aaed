// How to make a capture: what a recipe is. The recipes stand beside this file, by the side that captures.

/** The commands that make one kind of capture, what it shows, and what goes wrong with it. */
export interface Recipe {
  /** As it is named on the command line. */
  readonly kind: string;
  readonly title: string;
  /** Where the commands are typed. */
  readonly where: 'host' | 'guest';
  /** Ids of the formats that the capture may be read as; see formats/registry.ts. */
  readonly formats: readonly string[];
  /** What it shows, and what it can't. */
  readonly shows: string;
  readonly lacks: string;
  /** Whether it can be replayed alone. */
  readonly replays: boolean;
  /** Lines for a POSIX shell, comments among them. A word in capitals behind a $ is for the user to set. */
  readonly commands: readonly string[];
  /** The lines for Bellwether. */
  readonly ingest: readonly string[];
  readonly pitfalls: readonly string[];
}
