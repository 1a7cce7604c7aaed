// Writes a chart to a file in the format that the file's ending names.

import { writeFile } from 'node:fs/promises';
import { unreachable } from '../base/assert.js';
import { usageError } from '../base/errors.js';
import { csvOf } from './csv.js';
import { withHeading } from './heading.js';
import type { Chart } from './spec.js';
import { THEME, themed } from './theme.js';
import { renderPng } from './render/png.js';
import { renderSvg } from './render/svg.js';
import type { OnWarning } from './render/vega.js';

/** Formats that this room writes. HTML pages around charts are made by src/report. */
export const CHART_ENDINGS = ['.svg', '.png', '.vl.json', '.csv'] as const;
export type ChartEnding = (typeof CHART_ENDINGS)[number];

/** The format that a path asks for, or null when its ending is not a chart's. Letter case doesn't matter. */
export function chartEnding(path: string): ChartEnding | null {
  return CHART_ENDINGS.find((ending) => path.toLowerCase().endsWith(ending)) ?? null;
}

/** The content of a chart's file. */
export async function chartFile(chart: Chart, ending: ChartEnding, onWarning?: OnWarning): Promise<string | Uint8Array> {
  switch (ending) {
    case '.svg':
      return renderSvg(chart, onWarning === undefined ? {} : { onWarning });
    case '.png':
      return renderPng(await renderSvg(chart, onWarning === undefined ? {} : { onWarning }));
    case '.vl.json':
      return `${JSON.stringify(themed({ ...withHeading(chart), config: THEME }, chart.theme ?? 'light'), null, 2)}\n`;
    case '.csv':
      return csvOf(chart.data);
    default:
      return unreachable(ending);
  }
}

/** Writes the chart to `path`, replacing what is there. Throws a usage error for an ending that no chart has. */
export async function writeChart(chart: Chart, path: string, onWarning?: OnWarning): Promise<void> {
  const ending = chartEnding(path);
  if (ending === null) {
    throw usageError(`${path}: a chart's file ends in ${CHART_ENDINGS.join(', ')} or .html`);
  }
  const content = await chartFile(chart, ending, onWarning);
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw usageError(`can't write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
