// The bundled fonts: DejaVu Sans, regular and bold. System fonts are never used, so a picture is the same everywhere.

import { createRequire } from 'node:module';

export const FONT_FAMILY = 'DejaVu Sans';

/** Paths of the font files that resvg loads. */
export function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
}
