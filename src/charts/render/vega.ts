// Vega-Lite spec -> the inside of an SVG. The only file that calls vega and vega-lite, and the only one that
// works around their types. No network, no canvas, no locale of the machine.

import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { textWidthPx } from '../text-width.js';
import { THEME, themed, type ThemeName } from '../theme.js';

/** Receives what vega and vega-lite complain about. */
export type OnWarning = (message: string) => void;

/** The parts of a text mark that decide its width. */
interface TextItem {
  readonly text?: string | number | null;
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

declare module 'vega' {
  /** Vega's hook for "user defined" text metrics (vega-scenegraph, util/text.js), which its types lack. */
  export const textMetrics: { width: (item: TextItem, text?: TextItem['text']) => number };
}

/**
 * Lays out and draws a spec. Returns vega's SVG text.
 * Data comes inline with the spec: any attempt to load something fails.
 */
export async function drawSvg(spec: TopLevelSpec, theme: ThemeName, onWarning: OnWarning): Promise<string> {
  const logger = warningLogger(onWarning);
  // Setting the same function each time: the hook is process-wide, but has one meaning only.
  vega.textMetrics.width = itemWidthPx;
  const compiled = compile(themed({ ...spec, config: { ...THEME, ...spec.config } }, theme), { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger, loader: REFUSING_LOADER });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function itemWidthPx(item: TextItem, text: TextItem['text'] = item.text): number {
  const line = String(text ?? '').trim();
  const isBold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  const widthPx = textWidthPx(line, item.fontSize ?? 11, isBold);
  return item.limit !== undefined && item.limit > 0 ? Math.min(widthPx, item.limit) : widthPx;
}

function warningLogger(onWarning: OnWarning): vega.LoggerInterface {
  const report = (...parts: readonly unknown[]): vega.LoggerInterface => {
    onWarning(parts.map(String).join(' '));
    return logger;
  };
  const silent = (): vega.LoggerInterface => logger;
  const logger = { level: () => logger, error: report, warn: report, info: silent, debug: silent } as vega.LoggerInterface;
  return logger;
}

function refuse(uri: string): Promise<never> {
  return Promise.reject(new Error(`internal error: a chart tried to load ${uri}`));
}

const REFUSING_LOADER: vega.Loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
