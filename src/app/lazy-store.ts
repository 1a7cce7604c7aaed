// A store that is created only when there is something to write.

import { existsSync } from 'node:fs';
import { openStore } from '../store/open.js';
import type { Store } from '../store/open.js';

/** The store, opened when it exists and created only when there is something to write. */
export class LazyStore {
  private readonly file: string;
  private store: Store | undefined;

  constructor(file: string) {
    this.file = file;
    if (existsSync(file)) this.store = openStore(file);
  }

  get existing(): Store | undefined {
    return this.store;
  }

  open(): Store {
    this.store ??= openStore(this.file);
    return this.store;
  }

  close(): void {
    this.store?.close();
  }
}
