// SVG -> PNG, at twice the CSS size, with the bundled fonts only.

import { Resvg } from '@resvg/resvg-js';
import { FONT_FAMILY, fontFiles } from './fonts.js';

/** Pixels of the PNG per CSS pixel of the SVG: sharp on dense screens and in print. */
export const PNG_SCALE = 2;

/** Rasterises an SVG. Without fonts text is left out silently, which is why they are bundled. */
export function renderPng(svg: string): Uint8Array {
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles(),
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  });
  return image.render().asPng();
}
