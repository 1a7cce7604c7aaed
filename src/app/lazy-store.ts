// A store that is created only when there is something to write.

import { existsSync } from 'node:fs';
import { openStore } from '../store/open.js';
import type { Store } from '../store/open.js';

/** The store, opened when it exists and created only when there is something to write. */
export class LazyStore {
  private readonly file: string;
  private readonly busyTimeoutMs: number | undefined;
  private store: Store | undefined;

  /** With `busyTimeoutMs` as for openStore(). */
  constructor(file: string, busyTimeoutMs?: number) {
    this.file = file;
    this.busyTimeoutMs = busyTimeoutMs;
    if (existsSync(file)) this.open();
  }

  get existing(): Store | undefined {
    return this.store;
  }

  open(): Store {
    this.store ??= openStore(this.file, { busyTimeoutMs: this.busyTimeoutMs });
    return this.store;
  }

  close(): void {
    this.store?.close();
  }
}
