/** Widths of columns: wide enough for their headings, and narrower than they would like where that lets all be seen. */
import type { TableColumn } from './columns';

type Sized = Pick<TableColumn, 'id' | 'label' | 'width' | 'sort'>;

/** A letter of a heading, and one of a script with wide letters. */
const LETTER = 8.2;
const WIDE_LETTER = 13;
const PADDING = 22;
const SORT_MARK = 17;
const WIDEST_HEADING = 190;
/** Narrower than this part of its width, a column of text is of no use. */
const LEAST = 0.55;
/** The first one says what a row is. */
const LEAST_FIRST = 0.85;
/** Columns from this width on hold text, and can be cut. */
const FLEXIBLE = 140;

export function headingWidth({ label, sort }: Pick<Sized, 'label' | 'sort'>): number {
  const letters = [...label].reduce((sum, letter) => sum + (letter > '\u2e80' ? WIDE_LETTER : LETTER), 0);
  return Math.min(WIDEST_HEADING, Math.ceil(letters + PADDING + (sort ? SORT_MARK : 0)));
}

/** A column that is shown without being asked for has at least this part of its width. */
const NICE = 0.6;
/** So many are shown in any case. */
const FEWEST = 3;

/** How many of the columns that a table has at first fit beside each other, from the left. */
export function fitting(columns: Sized[], chosen: Record<string, number>, room: number): number {
  if (room <= 0) return columns.length;
  let used = 0;
  let count = 0;
  for (const [at, column] of columns.entries()) {
    const head = headingWidth(column);
    const full = Math.max(column.width, head);
    used += chosen[column.id] ?? (full >= FLEXIBLE ? Math.max(head, Math.round(full * (at === 0 ? LEAST_FIRST : NICE))) : full);
    if (used > room && count >= FEWEST) break;
    count += 1;
  }
  return count;
}

/** Widths by column; those that the user has set stay. Without room for all, they are as wide as they like, and are scrolled. */
export function fitted(columns: Sized[], chosen: Record<string, number>, room: number): Record<string, number> {
  const wanted = columns.map((column) => ({ column, head: headingWidth(column), width: chosen[column.id] ?? Math.max(column.width, headingWidth(column)) }));
  const excess = wanted.reduce((sum, { width }) => sum + width, 0) - room;
  const all = Object.fromEntries(wanted.map(({ column, width }) => [column.id, width]));
  if (room <= 0 || excess <= 0) return all;
  const flexible = wanted.filter(({ column, width }) => chosen[column.id] === undefined && width >= FLEXIBLE);
  const spare = flexible.map(({ column, head, width }) => width - Math.max(head, Math.round(width * (column === columns[0] ? LEAST_FIRST : LEAST))));
  const total = spare.reduce((sum, some) => sum + some, 0);
  if (total < excess) return all;
  flexible.forEach(({ column, width }, at) => {
    all[column.id] = Math.floor(width - ((spare[at] ?? 0) * excess) / total);
  });
  return all;
}
