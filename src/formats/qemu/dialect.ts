// Which QEMU releases can have written a log: every event name, text form and prefix exists in a span of releases,
// and a log by one QEMU lies in all spans of what it shows. Packages with backports keep their base release's names.

import { RELEASES, releaseIndex } from './events.js';
import type { PrefixStyle } from './prefix.js';

const NEWEST = RELEASES.length - 1;

/** Last release whose log lines have the `thread@seconds.microseconds:` prefix. [QEMU 012842c075] */
const LAST_THREAD_PREFIX = releaseIndex('10.0');
/** First release that can print lines without a prefix. [QEMU 418ed14268] */
const FIRST_BARE = releaseIndex('6.0');
/** First release with ISO 8601 stamps. [QEMU 012842c075] */
const FIRST_ISO_PREFIX = releaseIndex('10.1');

/** First and last release, indexes in RELEASES. */
export interface Releases {
  readonly from: number;
  readonly to: number;
}

/** Narrows down the releases that can have written what it is shown. */
export class Dialect {
  private from = 0;
  private to = NEWEST;

  /** A device event, the definition that it fits if that was looked at, and what stands before it if it is a line of a log. */
  see(event: Releases, definition: Releases | undefined, prefix: PrefixStyle | undefined): void {
    this.narrow(event.from, event.to);
    if (definition !== undefined) this.narrow(definition.from, definition.to);
    if (prefix === undefined) return;
    if (prefix === 'thread') this.narrow(0, LAST_THREAD_PREFIX);
    else if (prefix === 'iso') this.narrow(FIRST_ISO_PREFIX, NEWEST);
    else this.narrow(FIRST_BARE, NEWEST);
  }

  private narrow(from: number, to: number): void {
    if (from > this.from) this.from = from;
    if (to < this.to) this.to = to;
  }

  /** The releases that can have written all that was shown; all of them when no single one can. */
  get releases(): Releases {
    return this.from > this.to ? { from: 0, to: NEWEST } : { from: this.from, to: this.to };
  }

  /** "QEMU 8.0 or later", "QEMU 7.1-7.2", or that no single release fits. */
  get name(): string {
    const { from, to } = this;
    if (from > to) return 'QEMU, several releases in one log';
    if (from === 0 && to === NEWEST) return 'QEMU';
    if (to === NEWEST) return `QEMU ${RELEASES[from]} or later`;
    if (from === 0) return `QEMU ${RELEASES[to]} or earlier`;
    return from === to ? `QEMU ${RELEASES[from]}` : `QEMU ${RELEASES[from]}-${RELEASES[to]}`;
  }
}
