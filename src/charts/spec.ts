// What a chart is: a Vega-Lite spec without its heading, the words around it, and the rows it shows.
// Charts are plain data. Rendering is render/, writing files is write.ts, the HTML around a chart is src/report.

import type { TopLevelSpec } from 'vega-lite';
import type { ThemeName } from './theme.js';

/** A value of a data table. null: not known or not applicable. */
export type Cell = string | number | null;

/** One documented column of a table: the header of the .csv and of the table under a chart. */
export interface DataColumn {
  /** Key in a row and header in the .csv: lower_snake, with the unit when it has one. */
  readonly key: string;
  /** Header for readers, with the unit: "start (s)". */
  readonly title: string;
  /** What the value means, in one sentence without a full stop. */
  readonly meaning: string;
  /** text: left-aligned, as it is. count: whole number. number: up to `digits` decimals (3 when absent). */
  readonly kind: 'text' | 'count' | 'number';
  readonly digits?: number;
}

/** Rows under documented columns. A row may lack a key: the cell is then null. */
export interface DataTable {
  readonly columns: readonly DataColumn[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** Size of an image in CSS pixels; without a height it follows from the layout. */
export interface ImageSize {
  readonly widthPx: number;
  readonly heightPx?: number;
}

/** A chart, ready to be rendered. Texts are final: printable, and in the words of the field. */
export interface Chart {
  /** Lower-case letters, digits and hyphens; unique on a page: element ids are made of it. */
  readonly id: string;
  readonly title: string;
  /** One paragraph: which trace, which policy, what the reader must know to read the picture. */
  readonly subtitle?: string;
  /** The picture in words, with its numbers, for those who can't see it. */
  readonly alt: string;
  /** The drawing without title and subtitle: HTML puts those outside, files inside (heading.ts). */
  readonly spec: TopLevelSpec;
  readonly widthPx: number;
  /** Height of the image with its heading, where one was asked for. */
  readonly heightPx?: number;
  /** Size of the image, when it is larger than the layout and enlarged. */
  readonly image?: ImageSize;
  /** Colours of the image; light when absent. */
  readonly theme?: ThemeName;
  /** Names that a reader may show and hide: marks of a series are described by its name, alone or before a colon. */
  readonly series?: readonly string[];
  /** Every row that is drawn: the .csv. */
  readonly data: DataTable;
  /** The rows worth reading, for the table under the chart; the same object as `data` when that is short. */
  readonly summary: DataTable;
}

/** What a caller may ask of any chart. */
export interface ChartOptions {
  readonly title?: string;
  readonly subtitle?: string;
  /** Width of the image in CSS pixels. */
  readonly widthPx?: number;
  /** Height of the image with its heading, in CSS pixels; by default it follows from what is drawn. */
  readonly heightPx?: number;
  /** Element id, when two charts of a kind share a page. */
  readonly id?: string;
  readonly theme?: ThemeName;
  /** See Chart.image; imageOptions() sets it. */
  readonly image?: ImageSize;
}
