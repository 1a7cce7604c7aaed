// Chart -> SVG text: one accessible image, the same bytes for the same chart on every machine.

import { ensure } from '../../base/assert.js';
import type { Chart } from '../spec.js';
import { withHeading } from '../heading.js';
import { PADDING_PX } from '../theme.js';
import { drawSvg, type OnWarning } from './vega.js';

export interface SvgOptions {
  /** Title and subtitle inside the picture (default), or not: HTML sets them as text around it. */
  readonly heading?: boolean;
  /** Leave with each mark what it says, as data-tip: for pages that show it. A picture in a file has no use for it. */
  readonly tips?: boolean;
  readonly onWarning?: OnWarning;
}

const ROOT = /^<svg [^>]*?width="(?<width>[\d.]+)" height="(?<height>[\d.]+)"[^>]*>/;

/** Draws a chart. The root element has role="img" and is labelled by its own <title> and <desc>. */
export async function renderSvg(chart: Chart, options: SvgOptions = {}): Promise<string> {
  if (!/^[a-z][a-z0-9-]*$/.test(chart.id)) throw new Error(`internal error: "${chart.id}" is no chart id`);
  const spec = options.heading === false ? chart.spec : withHeading(chart);
  const drawn = await drawSvg(spec, chart.theme ?? 'light', options.onWarning ?? (() => {}));
  const root = ensure(ROOT.exec(drawn), 'root element of the SVG');
  const size = ensure(root.groups, 'size of the SVG');
  const width = nearly(Number(size['width']), chart.widthPx);
  const height = nearly(Number(size['height']), options.heading === false ? undefined : chart.heightPx);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="${chart.id}-title ${chart.id}-desc"`,
    ` ${imageSize(chart, width, height)} viewBox="0 0 ${width} ${height}">`,
    `<title id="${chart.id}-title">${escapeXml(chart.title)}</title>`,
    `<desc id="${chart.id}-desc">${escapeXml(chart.alt)}</desc>`,
    tidied(paperOf(drawn.slice(root[0].length), width, height), chart.id, options.tips === true),
    '\n',
  ].join('');
}

/** The size that was asked for, when what is drawn differs by less than its margin; otherwise as drawn. */
function nearly(drawnPx: number, askedPx: number | undefined): number {
  return askedPx !== undefined && Math.abs(drawnPx - askedPx) <= PADDING_PX ? askedPx : drawnPx;
}

/** The size of the picture as attributes. An enlarged one differs from its layout's proportions by less than a pixel, which is evened out. */
function imageSize({ image, heightPx }: Chart, width: number, height: number): string {
  if (image === undefined) return `width="${width}" height="${height}"`;
  const drawn = Math.round((height * image.widthPx) / width);
  return `width="${image.widthPx}" height="${height === heightPx ? (image.heightPx ?? drawn) : drawn}" preserveAspectRatio="none"`;
}

/** Paper as large as the picture. */
function paperOf(inside: string, width: number, height: number): string {
  return inside.replace(/^(<rect) width="[\d.]+" height="[\d.]+"/, `$1 width="${width}" height="${height}"`);
}

/** What vega says about single marks (roles, labels) and about the pointer: the picture is one image, and inert. */
const NOISE = / (?:role|aria-[a-z]+|pointer-events)="[^"]*"/g;

/** A mark that is there to be pointed at alone. */
const UNSEEN = /^<path [^>]*fill-opacity="0"[^>]*\/>$/;

/**
 * Takes the noise out of each tag and what only tips need out of a picture without any, and renames the ids of clip paths and gradients. Vega numbers them with a process-wide
 * counter; here they count from 0 in the order of the text, after the chart's id. So the bytes don't depend on earlier
 * charts, and charts can share a page. Text between tags stays as it is.
 */
function tidied(svg: string, chartId: string, tips: boolean): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/<[^>]*>/g, (tag) => {
    if (!tips && UNSEEN.test(tag)) return '';
    // Vega labels titles by themselves, in words of its own.
    const isTip = tips && !tag.includes(' class="mark-text role-title-text"');
    return (isTip ? tag.replace(' aria-label="', ' data-tip="') : tag).replaceAll(NOISE, '').replaceAll(/(?<start>id="|url\(#)(?<id>(?:clip|gradient_)\d+)/g, (_, start: string, id: string) => {
      const name = names.get(id) ?? `${chartId}-${names.size}`;
      names.set(id, name);
      return start + name;
    });
  });
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
