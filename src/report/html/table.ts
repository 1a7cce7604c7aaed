// Tables in HTML.

import { formatCount } from '../../base/units.js';
import type { DataTable } from '../../charts/spec.js';
import { cellText, NO_VALUE } from '../cells.js';
import { html, NOTHING, type Html } from '../escape.js';

export interface HtmlColumn {
  readonly title: string;
  /** A heading above this column and its neighbours of the same group. */
  readonly group?: string;
  /** Set to the right, in figures of equal width. */
  readonly isNumber?: boolean;
}

/** Numbers are grouped by thousands; null: no value. The first cell of a row is its header. */
export type HtmlCell = string | number | null | Html;

/** A table with a caption, which may be scrolled sideways when it is wider than the page. `total` is its last row. */
export function htmlTable(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlCell[])[],
  total?: readonly HtmlCell[],
): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead>${headerRows(columns)}</thead>
<tbody>
${rows.map((row) => rowOf(columns, row))}</tbody>
${total === undefined ? NOTHING : html`<tfoot>\n${rowOf(columns, total)}</tfoot>\n`}</table></div>
`;
}

/** The table of a chart's data, and what its columns mean. */
export function dataTableHtml(caption: string, table: DataTable): Html {
  const columns = table.columns.map((column) => ({ title: column.title, isNumber: column.kind !== 'text' }));
  const rows = table.rows.map((row) => table.columns.map((column) => cellText(row[column.key] ?? null, column)));
  const meanings = table.columns.map((column) => `${column.title}: ${column.meaning}`).join('; ');
  return html`${htmlTable(caption, columns, rows)}<p class="meanings">${meanings}.</p>
`;
}

/** One row of column headers, or two when columns are grouped: those outside a group then span both rows. */
function headerRows(columns: readonly HtmlColumn[]): Html {
  const isGrouped = columns.some((column) => column.group !== undefined);
  const header = (column: HtmlColumn, span: Html): Html =>
    html`<th scope="col"${span}${numberClass(column)}>${column.title}</th>`;
  if (!isGrouped) return html`<tr>${columns.map((column) => header(column, NOTHING))}</tr>`;
  const upper = columns.map((column, i) => {
    if (column.group === undefined) return header(column, html` rowspan="2"`);
    if (columns[i - 1]?.group === column.group) return NOTHING;
    const width = columns.filter((other) => other.group === column.group).length;
    return html`<th scope="colgroup" colspan="${width}" class="group">${column.group}</th>`;
  });
  const lower = columns.filter((column) => column.group !== undefined).map((column) => header(column, NOTHING));
  return html`<tr>${upper}</tr>\n<tr>${lower}</tr>`;
}

function rowOf(columns: readonly HtmlColumn[], row: readonly HtmlCell[]): Html {
  const cells = columns.map((column, i) => {
    const cell = row[i] ?? null;
    const content = cell === null ? NO_VALUE : typeof cell === 'number' ? formatCount(cell) : cell;
    return i === 0
      ? html`<th scope="row"${numberClass(column)}>${content}</th>`
      : html`<td${numberClass(column)}>${content}</td>`;
  });
  return html`<tr>${cells}</tr>\n`;
}

function numberClass(column: HtmlColumn): Html {
  return column.isNumber === true ? html` class="number"` : NOTHING;
}
