// Table cells as text, the same in the terminal and in HTML.

import { formatCount } from '../base/units.js';
import type { Cell, DataColumn } from '../charts/spec.js';

/** What stands where a value isn't known or doesn't apply. */
export const NO_VALUE = '–';

/** A cell in the way its column asks for: counts grouped by thousands, other numbers with up to `digits` decimals. */
export function cellText(cell: Cell, column: Pick<DataColumn, 'kind' | 'digits'>): string {
  if (cell === null) return NO_VALUE;
  if (typeof cell === 'string') return cell;
  return formatCount(column.kind === 'number' ? Number(cell.toFixed(column.digits ?? 3)) : cell);
}
