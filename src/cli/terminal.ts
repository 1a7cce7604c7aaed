// Small charts for a terminal: bars and sparklines. A pipe or a file gets none of them, and no colour either.

import { formatCount } from '../base/units.js';
import { printable } from '../base/text.js';

/** What the output can show. */
export interface Terminal {
  /** Whether it is a terminal that can place characters: charts are drawn only there. */
  readonly draws: boolean;
  /** See https://no-color.org: no colours when NO_COLOR is set and not empty. */
  readonly colours: boolean;
  /** Whether block characters can be expected to show; otherwise # and digits stand in. */
  readonly blocks: boolean;
  readonly columns: number;
}

/** What is needed of a stream. */
interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a stream can show, by what it is and by the environment. */
export function terminalOf(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Terminal {
  const draws = stream.isTTY === true && env['TERM'] !== 'dumb';
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  return {
    draws,
    colours: draws && (env['NO_COLOR'] ?? '') === '',
    blocks: /utf-?8/i.test(locale),
    columns: Math.max(stream.columns ?? 80, 40),
  };
}

const CODES = { blue: 34, orange: 33, green: 32, red: 31, dim: 2 } as const;
export type TerminalColour = keyof typeof CODES;

/** The text in a colour, where there are colours. */
export function coloured(text: string, colour: TerminalColour, { colours }: Terminal): string {
  return colours && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}

/** One bar, from 0 or from a middle when any value is negative. */
export interface TerminalBar {
  readonly label: string;
  readonly value: number;
  /** What stands behind the bar; by default the value. */
  readonly text?: string;
  readonly colour?: TerminalColour;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Bars in proportion to their values, a line each, negative ones to the left of a middle; none where the terminal doesn't draw. */
export function bars(rows: readonly TerminalBar[], terminal: Terminal): string[] {
  if (!terminal.draws || rows.length === 0) return [];
  const labels = rows.map((row) => printable(row.label));
  const texts = rows.map((row) => row.text ?? formatCount(row.value));
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const textWidth = Math.max(...texts.map((text) => text.length));
  const [below, above] = [Math.max(0, ...rows.map((row) => -row.value)), Math.max(0, ...rows.map((row) => row.value))];
  const axis = below === 0 ? '' : terminal.blocks ? '│' : '|';
  const room = Math.max(terminal.columns - labelWidth - textWidth - 4 - axis.length, 8);
  const perValue = below + above === 0 ? 0 : room / (below + above);
  const leftWidth = Math.ceil(below * perValue);
  return rows.map((row, i) => {
    const colour = row.colour ?? 'blue';
    const left = row.value < 0 ? barToLeft(-row.value * perValue, terminal) : '';
    const right = row.value < 0 ? '' : bar(row.value * perValue, terminal);
    const drawn = `${' '.repeat(leftWidth - left.length)}${coloured(left, colour, terminal)}${axis}${coloured(right, colour, terminal)}`;
    return `${labels[i]!.padEnd(labelWidth)}  ${drawn} ${texts[i]}`.trimEnd();
  });
}

/** A bar of so many characters; with blocks, to an eighth of one. What isn't nothing shows. */
function bar(length: number, { blocks }: Terminal): string {
  if (!blocks) return '#'.repeat(length > 0 ? Math.max(1, Math.round(length)) : 0);
  const eighths = length > 0 ? Math.max(1, Math.round(length * 8)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

/** The same to the left of the middle: there are no eighths that grow that way, only a half. */
function barToLeft(length: number, { blocks }: Terminal): string {
  if (!blocks) return '#'.repeat(length > 0 ? Math.max(1, Math.round(length)) : 0);
  const halves = length > 0 ? Math.max(1, Math.round(length * 2)) : 0;
  return (halves % 2 === 1 ? '▐' : '') + '█'.repeat(Math.floor(halves / 2));
}

const STEPS = '▁▂▃▄▅▆▇█';

/** Values as one line of characters, from 0 to the largest; '' where the terminal doesn't draw. A blank is 0. */
export function sparkline(values: readonly number[], { draws, blocks }: Terminal): string {
  if (!draws) return '';
  const most = Math.max(...values, 0);
  return values.map((value) => (value <= 0 ? ' ' : level(value / most, blocks))).join('');
}

function level(share: number, blocks: boolean): string {
  return blocks ? STEPS[Math.min(Math.floor(share * STEPS.length), STEPS.length - 1)]! : String(Math.min(Math.floor(share * 9) + 1, 9));
}
