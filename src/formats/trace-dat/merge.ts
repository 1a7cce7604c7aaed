// The records of several CPUs in the order of their time stamps; at equal stamps in the order of the CPUs.

import type { CpuStream } from './stream.js';

interface Entry {
  readonly stream: CpuStream;
  readonly order: number;
}

/** A heap of streams by the time of the record that each has come to. */
export class StreamMerge {
  private readonly heap: Entry[] = [];

  /** Adds a stream that has come to a record. Streams added earlier come first at equal times. */
  add(stream: CpuStream): void {
    const entry = { stream, order: this.heap.length };
    const { heap } = this;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.stream.time <= stream.time) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** The stream with the earliest record; undefined when all are at their end. */
  get first(): CpuStream | undefined {
    return this.heap[0]?.stream;
  }

  /** Moves the first stream on to its next record. */
  advance(): void {
    const { heap } = this;
    const top = heap[0]!;
    const moved = top.stream.next() ? top : heap.pop()!;
    if (heap.length === 0) return;
    const { time } = moved.stream;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      const candidate = heap[child]!;
      if (time < candidate.stream.time || (time === candidate.stream.time && moved.order < candidate.order)) break;
      heap[i] = candidate;
      i = child;
    }
    heap[i] = moved;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.stream.time < b.stream.time || (a.stream.time === b.stream.time && a.order < b.order);
}
