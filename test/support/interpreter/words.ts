// The shared words of a second, plain interpreter: what each thread stored and nobody else can see yet, and what it has loaded early.
// By docs/verify.md alone; shares nothing with src/verify.

export type Who = 'driver' | 'device';
export type Word = 'shadow' | 'EventIdx' | 'posted';

export class Words {
  readonly visible: Record<Word, number>;
  private readonly waiting: Record<Who, { word: Word; value: number }[]> = { driver: [], device: [] };
  private readonly early: Record<Who, Map<Word, number>> = { driver: new Map(), device: new Map() };
  private readonly model: 'sc' | 'tso' | 'arm';

  constructor(model: 'sc' | 'tso' | 'arm', shadow = 0, eventIdx = 0) {
    this.model = model;
    this.visible = { shadow, EventIdx: eventIdx, posted: 0 };
  }

  store(who: Who, word: Word, value: number): void {
    if (value === (this.newestOf(who, word) ?? this.visible[word])) return;
    this.early[who].delete(word);
    if (this.model === 'sc') this.visible[word] = value;
    else this.waiting[who].push({ word, value });
  }

  load(who: Who, word: Word): number {
    const own = this.newestOf(who, word);
    if (own !== undefined) return own;
    const early = this.early[who].get(word);
    this.early[who].delete(word);
    return early ?? this.visible[word];
  }

  /** A store becomes visible: the oldest of all, or only of its word where stores to different words may overtake each other. */
  show(who: Who, word: Word, value: number): void {
    const at = this.model === 'arm' ? this.waiting[who].findIndex((entry) => entry.word === word) : 0;
    const entry = this.waiting[who][at];
    if (entry === undefined || entry.word !== word || entry.value !== value) throw new Error(`no store ${word} = ${value} of the ${who} can become visible`);
    this.waiting[who].splice(at, 1);
    this.visible[word] = value;
  }

  loadEarly(who: Who, word: Word, value: number): void {
    if (this.model !== 'arm' || this.newestOf(who, word) !== undefined || this.early[who].has(word)) throw new Error(`${word} can't be loaded early by the ${who}`);
    if (this.visible[word] !== value) throw new Error(`${word} is ${this.visible[word]}, not ${value}`);
    this.early[who].set(word, value);
  }

  /** A read barrier: what was loaded early is loaded anew. */
  orderLoads(who: Who): void {
    this.early[who].clear();
  }

  orderStores(who: Who): void {
    for (const { word, value } of this.waiting[who].splice(0)) this.visible[word] = value;
  }

  /** Nothing waits. */
  get settled(): boolean {
    return this.waiting.driver.length === 0 && this.waiting.device.length === 0;
  }

  private newestOf(who: Who, word: Word): number | undefined {
    return this.waiting[who].findLast((entry) => entry.word === word)?.value;
  }
}
