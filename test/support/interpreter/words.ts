// The words that driver and device share, as the plainest store buffers: a list of stores for each party, and what it loaded early.

export type Party = 'driver' | 'device';
export type Word = 'shadow' | 'EventIdx' | 'posted';

/** What a party may do next. Either party's program, or the memory, makes it. */
export interface Move {
  readonly party: Party;
  readonly action: string;
  /** The value that a description of the move has to give, where it has one. */
  readonly value?: number;
  /** What its text has to mention: tells moves apart that are else alike. */
  readonly mentions?: string;
  /** Work that nobody is obliged to begin. */
  readonly isNewWork?: boolean;
  readonly take: () => void;
}

interface Buffer {
  stores: { word: Word; value: number }[];
  early: Partial<Record<Word, number>>;
}

/** What each party loads that the other one stores. */
const LOADS: Readonly<Record<Party, readonly Word[]>> = { driver: ['EventIdx'], device: ['shadow'] };

export class Words {
  readonly visible: Record<Word, number>;
  private readonly model: string;
  private readonly buffers: Record<Party, Buffer> = { driver: { stores: [], early: {} }, device: { stores: [], early: {} } };

  /** @param model `sc`, `tso` or `arm` */
  constructor(model: string, shadow: number, eventIdx: number) {
    this.model = model;
    this.visible = { shadow, EventIdx: eventIdx, posted: 0 };
  }

  /** A store of what the word has already, in the eyes of its one writer, can't be told from none: it is none. */
  store(party: Party, word: Word, value: number): void {
    const { stores } = this.buffers[party];
    if ((stores.findLast((store) => store.word === word)?.value ?? this.visible[word]) === value) return;
    if (this.model === 'sc') this.visible[word] = value;
    else stores.push({ word, value });
  }

  /** What a load by this party gives now. */
  peek(party: Party, word: Word): number {
    const { stores, early } = this.buffers[party];
    return stores.findLast((store) => store.word === word)?.value ?? early[word] ?? this.visible[word];
  }

  /** The same; an early load is used up. */
  load(party: Party, word: Word): number {
    const value = this.peek(party, word);
    delete this.buffers[party].early[word];
    return value;
  }

  /** The party's stores become visible before it goes on. */
  drain(party: Party): void {
    for (const { word, value } of this.buffers[party].stores.splice(0)) this.visible[word] = value;
  }

  /** Later loads of the party happen later. */
  forgetEarly(party: Party): void {
    this.buffers[party].early = {};
  }

  get allVisible(): boolean {
    return this.buffers.driver.stores.length === 0 && this.buffers.device.stores.length === 0;
  }

  /** What the memory may do on its own. */
  moves(): Move[] {
    return [...this.movesOf('driver'), ...this.movesOf('device')];
  }

  private movesOf(party: Party): Move[] {
    const { stores, early } = this.buffers[party];
    const inOrder = this.model === 'arm' ? stores.filter(({ word }, i) => !stores.slice(0, i).some((older) => older.word === word)) : stores.slice(0, 1);
    const becomesVisible = inOrder.map((store): Move => {
      const take = (): void => {
        stores.splice(stores.indexOf(store), 1);
        this.visible[store.word] = store.value;
      };
      return { party, action: 'visible', value: store.value, mentions: `store ${store.word} = ${store.value}`, take };
    });
    if (this.model !== 'arm') return becomesVisible;
    const open = LOADS[party].filter((word) => early[word] === undefined);
    return [
      ...becomesVisible,
      ...open.map((word): Move => {
        const value = this.visible[word];
        return { party, action: 'early-load', value, mentions: `load of ${word}`, take: () => void (early[word] = value) };
      }),
    ];
  }

  key(): string {
    return JSON.stringify([this.visible, this.buffers]);
  }
}
