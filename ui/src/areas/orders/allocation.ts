/** Forms that set stock aside for lines: what the kinds of orders share. */
import type { Query, Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action, FormFields } from '@/shared/description';
import type { ItemColumn, ItemsSpec } from '@/shared/form/Items';
import { unitOf } from '@/shared/form/units';
import type { Values } from '@/shared/form/values';
import { quantity } from '@/shared/format';
import { compare } from '@/shared/undo';

interface Options {
  model: string;
  /** Name of the line in an entry. */
  line: string;
  missing: (line: Row) => number;
  /** What is offered for a line. */
  filters: (line: Row) => Query;
  /** More columns of an entry. */
  columns?: ItemColumn[];
}

const least = (...amounts: number[]) => Math.max(0, Math.min(...amounts));
const freeOf = (item: Row) => Number(item.quantity) - Number(item.allocated ?? 0);

/** One row for each line, and more where it takes several stock items. */
export function linesToAllocate(lines: Row[], { model, line, missing, filters, columns = [] }: Options): ItemsSpec {
  const rest = (row: Row, before: Values[]) => missing(row) - before.reduce((sum, values) => sum + (Number(values.quantity) || 0), 0);
  return {
    name: 'items',
    rows: lines,
    label: (row) => kind(model).title(row),
    shown: [{ label: 'Missing', render: (row) => quantity(missing(row), unitOf(row)) }],
    columns: [
      {
        name: 'stock_item',
        field: { type: 'related field', label: 'Stock', model: 'stockitem', required: true },
        filters,
        // no more than the item has
        fills: (item, _, values) => ({ quantity: String(least(Number(values.quantity) || 0, freeOf(item)) || values.quantity || '') }),
        width: 280,
      },
      { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: missing, unit: unitOf, width: 100 },
      ...columns,
    ],
    repeats: (row, before) => ({ quantity: String(Math.max(0, rest(row, before))) }),
    toItem: (row, values) => ({ [line]: row.pk, ...values }),
  };
}

/** Allocations of an order, compared before and after an action. */
export const keepAllocations = (api: string, by: string, order: (row: Row) => unknown, make?: (gone: Row[]) => Promise<unknown>) => (rows: Row[]) =>
  compare({ api, query: { [by]: Number(rows[0] && order(rows[0])) }, fields: ['quantity'], ...(make && { make }) });

interface Line {
  open: number;
  allocated: number;
  reason: string | null;
}

/** Lines that were not meant: the user has not asked for them. */
const LEFT_OUT = /^(Optional|Tracked|Untracked) lines are skipped/;
/** Why lines got too little, as the server says it, and in the words of the form. */
const REASONS: [RegExp, string][] = [
  [/^Several stock items match/, 'Several stock items match. Turn on "Interchangeable", or allocate one of them by hand.'],
  [/^No matching stock/, 'There is no matching stock.'],
  [/^All matching stock is already/, 'All matching stock is already allocated.'],
  [/^Not enough stock/, 'There is not enough stock.'],
  [/serial number of an output/, 'No available stock has the serial number of an output.'],
  [/leave no more for this/, 'The rest of the stock is excluded by its location, serial number, or expiry date.'],
];
const reasonText = (reason: string | null | undefined) => {
  const known = REASONS.find(([pattern]) => pattern.test(reason ?? ''));
  return known ? translate(known[1]) : (reason ?? '');
};

/** What came of an automatic allocation. */
export function allocatedText(answer: unknown): string | { warning: string } {
  const all = ((answer as { lines?: Line[] } | null)?.lines ?? []).filter(({ reason }) => !LEFT_OUT.test(reason ?? ''));
  const short = all.filter(({ open, allocated }) => allocated < open);
  if (short.length === 0) return translate('Allocated');
  const reason = reasonText(short[0]?.reason);
  if (all.every(({ allocated }) => allocated === 0)) return { warning: `${translate('Nothing was allocated.')} ${reason}` };
  return `${translate('Allocated: {{done}} of {{count}} lines.', { done: all.length - short.length, count: all.length })} ${reason}`;
}

/** Allocates serial numbers of a part to a line. */
export const serialsAction = (options: { url: (line: Row) => string; missing: (line: Row) => number; keeps: (rows: Row[]) => ReturnType<typeof compare>; icon: Action['icon']; fields: (line: Row | undefined) => FormFields }): Action =>
  formAction({
    name: 'allocate-serials',
    label: 'Allocate serial numbers',
    icon: options.icon,
    needs: 'add',
    on: ['row'],
    when: ([line]) => Boolean(line && line.part !== null && options.missing(line) > 0 && (line.part_detail as { trackable?: boolean } | undefined)?.trackable),
    done: 'Allocated',
    keeps: options.keeps,
    form: ([line]) => ({
      url: line ? options.url(line) : '',
      initial: { quantity: line ? options.missing(line) : 0 },
      fixed: { line_item: line?.pk },
      fields: ['quantity', 'serial_numbers', ...options.fields(line)],
    }),
  });
