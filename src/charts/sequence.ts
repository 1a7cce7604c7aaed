// A sequence diagram as SVG: who does what, one step below the other. Plain drawing; all text is escaped.

import { printable } from '../base/text.js';
import { wrapText } from './text-width.js';

export interface SequenceStep {
  readonly step: number;
  /** Whose step it is: an index into `lanes`. */
  readonly lane: number;
  readonly text: string;
  /** Something reaches the other side: an arrow is drawn there. */
  readonly reaches?: number;
  /** A step that is drawn quietly, as nobody takes it by itself. */
  readonly quiet?: boolean;
}

export interface Sequence {
  readonly title: string;
  /** What holds before the first step. */
  readonly start: string;
  readonly lanes: readonly string[];
  readonly steps: readonly SequenceStep[];
  /** What is wrong at the end. */
  readonly end: string;
}

const LANE_PX = 420;
const MARGIN_PX = 24;
const FONT_PX = 13;
const LINE_PX = 18;
const GAP_PX = 12;
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const COLOUR = { text: '#1a1a1a', quiet: '#6b6b6b', line: '#b5b5b5', arrow: '#1f5fa8', end: '#a61b1b' };

/** Draws it. Same input, same bytes. */
export function sequenceSvg({ title, start, lanes, steps, end }: Sequence): string {
  const widthPx = 2 * MARGIN_PX + lanes.length * LANE_PX;
  const wide = widthPx - 2 * MARGIN_PX;
  const parts: string[] = [];
  let y = MARGIN_PX + FONT_PX;
  const paragraph = (text: string, colour: string, bold = false): void => {
    for (const line of wrapText(printable(text), wide, FONT_PX, bold)) {
      parts.push(textAt(MARGIN_PX, y, line, colour, bold));
      y += LINE_PX;
    }
  };
  paragraph(title, COLOUR.text, true);
  paragraph(`Start: ${start}`, COLOUR.quiet);
  y += GAP_PX;
  const laneX = (lane: number): number => MARGIN_PX + lane * LANE_PX;
  for (const [i, lane] of lanes.entries()) parts.push(textAt(laneX(i) + GAP_PX, y, lane, COLOUR.text, true));
  const topPx = y + GAP_PX / 2;
  y += LINE_PX + GAP_PX;
  for (const { step, lane, text, reaches, quiet } of steps) {
    const x = laneX(lane);
    const colour = quiet === true ? COLOUR.quiet : COLOUR.text;
    parts.push(`<circle cx="${x}" cy="${y - FONT_PX / 3}" r="3" fill="${colour}"/>`);
    if (reaches !== undefined && reaches !== lane) parts.push(arrow(x, laneX(reaches), y + LINE_PX / 3));
    for (const line of wrapText(printable(`${step}. ${text}`), LANE_PX - 2 * GAP_PX, FONT_PX)) {
      parts.push(textAt(x + GAP_PX, y, line, colour, false));
      y += LINE_PX;
    }
    y += GAP_PX / 2;
  }
  const lines = lanes.map((_, i) => `<line x1="${laneX(i)}" y1="${topPx}" x2="${laneX(i)}" y2="${y - LINE_PX / 2}" stroke="${COLOUR.line}"/>`);
  y += GAP_PX;
  paragraph(end, COLOUR.end, true);
  const heightPx = y + MARGIN_PX / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" font-family="${FONT}" font-size="${FONT_PX}" role="img">`,
    `<title>${escaped(printable(title))}</title>`,
    `<rect width="${widthPx}" height="${heightPx}" fill="#ffffff"/>`,
    ...lines,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function textAt(x: number, y: number, text: string, colour: string, bold: boolean): string {
  return `<text x="${x}" y="${y}" fill="${colour}"${bold ? ' font-weight="bold"' : ''}>${escaped(text)}</text>`;
}

function arrow(from: number, to: number, y: number): string {
  const back = to > from ? -6 : 6;
  return `<path d="M${from} ${y}H${to}m${back} -4l${-back} 4l${back} 4" fill="none" stroke="${COLOUR.arrow}"/>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
