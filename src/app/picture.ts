// Charts as files: the formats and sizes that any command with pictures takes.

import { usageError } from '../base/errors.js';
import { NothingToDraw, imageOptions } from '../charts/options.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import type { ThemeName } from '../charts/theme.js';
import { CHART_ENDINGS, chartEnding, chartFile } from '../charts/write.js';
import { chartsHtml } from '../report/chart-page.js';
import { writeOutput } from './output.js';

/** What any chart takes: where to, and how large. */
export interface PictureOptions {
  /** Paths of the files; the ending of each says what it becomes. */
  readonly outputs: readonly string[];
  readonly widthPx?: number | undefined;
  readonly heightPx?: number | undefined;
  readonly theme?: ThemeName | undefined;
  readonly toolVersion: string;
}

/** Size and theme of the images. Throws a usageError for sizes that can't be drawn and endings that no chart has. */
export function imagesOf({ outputs, widthPx, heightPx, theme }: PictureOptions): ChartOptions {
  const wrong = outputs.find((path) => chartEnding(path) === null && !path.toLowerCase().endsWith('.html'));
  if (wrong !== undefined) throw usageError(`-o ${wrong}: a chart's file ends in ${CHART_ENDINGS.join(', ')} or .html`);
  const size = { ...(widthPx === undefined ? {} : { widthPx }), ...(heightPx === undefined ? {} : { heightPx }) };
  return { ...imageOptions(size), ...(theme === undefined ? {} : { theme }) };
}

/** What a file with charts holds: a page takes all of them, an image or a table the first. */
export async function chartContent(charts: readonly Chart[], title: string, path: string, toolVersion: string): Promise<string | Uint8Array> {
  const ending = chartEnding(path);
  return ending === null ? chartsHtml(charts, title, toolVersion) : chartFile(charts[0]!, ending);
}

/** Writes charts into every file. Returns the paths. */
export async function writeCharts(charts: readonly Chart[], title: string, { outputs, toolVersion }: PictureOptions): Promise<readonly string[]> {
  for (const path of outputs) await writeOutput(path, await chartContent(charts, title, path, toolVersion));
  return outputs;
}

/** A chart, unless the capture has nothing to draw in it. */
export function made(make: () => Chart): Chart[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof NothingToDraw) return [];
    throw error;
  }
}
