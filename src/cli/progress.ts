// One line of progress on standard error, rewritten in place. Only a terminal gets it.

const INTERVAL_MS = 100;
/** Carriage return, and "erase to the end of the line". */
const REWIND = '\r\u001b[K';

/** What is needed of a terminal's stream. */
interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): boolean;
}

/** Shows the latest of many texts, at most ten a second. */
export class ProgressLine {
  private readonly stream: TerminalStream;
  private readonly enabled: boolean;
  private shownAtMs = -Infinity;
  private visible = false;

  constructor(enabled: boolean, stream: TerminalStream = process.stderr) {
    this.stream = stream;
    this.enabled = enabled && stream.isTTY === true;
  }

  /** `text` is called only when the line is due; it must be printable. */
  show(text: () => string): void {
    if (!this.enabled) return;
    const nowMs = performance.now();
    if (nowMs - this.shownAtMs < INTERVAL_MS) return;
    this.shownAtMs = nowMs;
    this.visible = true;
    this.stream.write(REWIND + text().slice(0, Math.max(10, (this.stream.columns ?? 80) - 1)));
  }

  /** Erases the line, so that other output can follow. */
  clear(): void {
    if (this.visible) this.stream.write(REWIND);
    this.visible = false;
  }
}
