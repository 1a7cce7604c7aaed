// Checks that charts share: sizes that were asked for, and charts without anything to show.

import { BellwetherError, EXIT, usageError } from '../base/errors.js';
import type { Chart, ChartOptions, ImageSize } from './spec.js';

export const DEFAULT_WIDTH_PX = 800;
/** Below these, labels alone would fill the picture. */
const MIN_PX = { width: 320, height: 160 } as const;
const MAX_PX = 4000;

/** A width or height that was asked for, or the default. Throws a usage error outside MIN_PX .. MAX_PX. */
export function checkedPx(name: 'width' | 'height', px: number | undefined, defaultPx: number): number {
  if (px === undefined) return defaultPx;
  if (!Number.isInteger(px) || px < MIN_PX[name] || px > MAX_PX) {
    throw usageError(`${name} ${px} is not a whole number of pixels in ${MIN_PX[name]}..${MAX_PX}`);
  }
  return px;
}

/** The error of a chart that has nothing to show. */
export function nothingToDraw(chart: string, why: string): NothingToDraw {
  return new NothingToDraw(`nothing to draw in the ${chart} chart: ${why}`);
}

/** Told apart from other refusals: a review leaves such a chart out. */
export class NothingToDraw extends BellwetherError {
  constructor(message: string) {
    super('E_INPUT', EXIT.input, message);
  }
}

/** What a chart keeps of its options for the renderer. */
export function sizeAndTheme({ heightPx, theme, image }: ChartOptions): Pick<Chart, 'heightPx' | 'theme' | 'image'> {
  return { ...(heightPx === undefined ? {} : { heightPx }), ...(theme === undefined ? {} : { theme }), ...(image === undefined ? {} : { image }) };
}

/** Wider images are enlarged: laid out at this width, so that their text is as large in proportion and can be read from afar. */
const MAX_LAYOUT_PX = 900;

/** The options of an image of so many pixels. */
export function imageOptions({ widthPx, heightPx }: Pick<ChartOptions, 'widthPx' | 'heightPx'>): ChartOptions {
  const width = checkedPx('width', widthPx, DEFAULT_WIDTH_PX);
  const scale = Math.max(1, width / MAX_LAYOUT_PX);
  const height = heightPx === undefined ? {} : { heightPx: checkedPx('height', heightPx, heightPx) };
  const image: ImageSize = { widthPx: width, ...height };
  if (scale === 1) return image;
  return { widthPx: Math.round(width / scale), ...(heightPx === undefined ? {} : { heightPx: Math.round(heightPx / scale) }), image };
}
