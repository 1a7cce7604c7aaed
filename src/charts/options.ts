// Checks that charts share: sizes that were asked for, and charts without anything to show.

import { type BellwetherError, inputError, usageError } from '../base/errors.js';
import type { Chart, ChartOptions } from './spec.js';

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
export function nothingToDraw(chart: string, why: string): BellwetherError {
  return inputError(`nothing to draw in the ${chart} chart: ${why}`);
}

/** What a chart keeps of its options for the renderer. */
export function sizeAndTheme({ heightPx, theme }: ChartOptions): Pick<Chart, 'heightPx' | 'theme'> {
  return { ...(heightPx === undefined ? {} : { heightPx }), ...(theme === undefined ? {} : { theme }) };
}
