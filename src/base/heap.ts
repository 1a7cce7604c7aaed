// The event heap of the replay: a binary heap in typed arrays, ordered by (time, sequence of insertion).
// Equal times leave in the order in which they entered; that rule is part of the model and is tested. Who knows only later
// when an event will be can have its turn among equal times kept.
//
// What leaves leaves a hole at the root, which the next event that enters fills: most events that are handled schedule
// another one, and one way down the heap then does for both.

/** A priority queue of (time in ns, payload). Payloads are two small integers, whose meaning is the caller's. */
export class EventHeap {
  private time: Float64Array;
  private order: Float64Array;
  private actor: Int32Array;
  private message: Int32Array;
  private inserted = 0;
  /** Entries of the arrays in use, the hole included. */
  private count = 0;
  private hasHole = false;

  /** The time of the event that `pop` returned last, in ns. */
  poppedTimeNs = 0;
  /** Its first payload: who is to act. */
  poppedActor = 0;
  /** Its second payload: on what. */
  poppedMessage = 0;

  constructor(capacity = 1024) {
    this.time = new Float64Array(capacity);
    this.order = new Float64Array(capacity);
    this.actor = new Int32Array(capacity);
    this.message = new Int32Array(capacity);
  }

  get length(): number {
    return this.hasHole ? this.count - 1 : this.count;
  }

  /** The turn that an event has which enters now; each call gives another one. */
  takeTurn(): number {
    return this.inserted++;
  }

  /** Whether an event at `timeNs` with that turn would be the next one to leave. */
  isNext(timeNs: number, turn: number): boolean {
    const first = this.first();
    return first === this.count || timeNs < this.time[first]! || (timeNs === this.time[first] && turn < this.order[first]!);
  }

  /** Adds an event at `timeNs`. Grows by doubling: the model bounds how many events can be pending. */
  push(timeNs: number, actor: number, message: number, order = this.takeTurn()): void {
    if (this.hasHole) {
      this.hasHole = false;
      this.sink(timeNs, order, actor, message);
      return;
    }
    if (this.count === this.time.length) this.grow();
    let i = this.count++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const parentTime = this.time[parent]!;
      if (parentTime < timeNs || (parentTime === timeNs && this.order[parent]! < order)) break;
      this.move(parent, i);
      i = parent;
    }
    this.place(i, timeNs, order, actor, message);
  }

  /** Takes the earliest event into the `popped…` fields. Returns false when the heap is empty. */
  pop(): boolean {
    if (this.hasHole) this.fillHole();
    if (this.count === 0) return false;
    this.poppedTimeNs = this.time[0]!;
    this.poppedActor = this.actor[0]!;
    this.poppedMessage = this.message[0]!;
    this.hasHole = true;
    return true;
  }

  /** Where the earliest event stands; `count` when there is none. */
  private first(): number {
    if (!this.hasHole) return 0;
    return this.count > 2 && this.before(2, 1) ? 2 : 1;
  }

  /** Nothing entered since the last event left: the last entry takes its place. */
  private fillHole(): void {
    this.hasHole = false;
    const last = --this.count;
    if (last > 0) this.sink(this.time[last]!, this.order[last]!, this.actor[last]!, this.message[last]!);
  }

  /** Lets the given event fall from the root to its place. */
  private sink(timeNs: number, order: number, actor: number, message: number): void {
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && this.before(child + 1, child)) child += 1;
      const childTime = this.time[child]!;
      if (timeNs < childTime || (timeNs === childTime && order < this.order[child]!)) break;
      this.move(child, i);
      i = child;
    }
    this.place(i, timeNs, order, actor, message);
  }

  private before(i: number, j: number): boolean {
    const ti = this.time[i]!;
    const tj = this.time[j]!;
    return ti < tj || (ti === tj && this.order[i]! < this.order[j]!);
  }

  private move(from: number, to: number): void {
    this.time[to] = this.time[from]!;
    this.order[to] = this.order[from]!;
    this.actor[to] = this.actor[from]!;
    this.message[to] = this.message[from]!;
  }

  private place(i: number, timeNs: number, order: number, actor: number, message: number): void {
    this.time[i] = timeNs;
    this.order[i] = order;
    this.actor[i] = actor;
    this.message[i] = message;
  }

  private grow(): void {
    const capacity = this.time.length * 2;
    const time = new Float64Array(capacity);
    const order = new Float64Array(capacity);
    const actor = new Int32Array(capacity);
    const message = new Int32Array(capacity);
    time.set(this.time);
    order.set(this.order);
    actor.set(this.actor);
    message.set(this.message);
    this.time = time;
    this.order = order;
    this.actor = actor;
    this.message = message;
  }
}
