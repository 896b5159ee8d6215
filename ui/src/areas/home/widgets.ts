/** What the first page can show. */
import type { ComponentType } from 'react';
import type { Query, Row } from '@/api/client';
import { date, quantity } from '@/shared/format';
import { lazy } from '@/shared/lazy';

/** Columns of four that a widget takes. */
export type Span = 1 | 2 | 4;
export interface Placed {
  name: string;
  span: Span;
}

export interface Widget {
  name: string;
  label: string;
  /** Kind of its rows; who may not see these does not see the widget. */
  model?: string;
  span: Span;
  kind: 'number' | 'list' | 'own';
  /** Filters of the list behind it. */
  filters?: () => Record<string, string>;
  sort?: string;
  query?: Query;
  /** Color of a number that is not zero. */
  color?: string;
  /** What stands at the end of a line. */
  value?: (row: Row) => string;
  empty?: string;
  own?: ComponentType;
}

const DAY = 86_400_000;
const SOON = 30;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
const name = (row: Row, detail: string) => (row[detail] as { name?: string } | null | undefined)?.name ?? '';
const due = (detail: string) => (row: Row) => [name(row, detail), date(row.target_date)].filter(Boolean).join(' · ');
const number = (name: string, label: string, model: string, filters: Record<string, string>, color?: string): Widget => ({
  name, label, model, kind: 'number', span: 1, filters: () => filters, ...(color && { color }),
});
const list = (name: string, label: string, model: string, more: Partial<Widget>): Widget => ({ name, label, model, kind: 'list', span: 2, ...more });

const Changes = lazy(() => import('./Changes'));
const Notices = lazy(() => import('./Notices'));
const Movements = lazy<object>(() => import('./Trends').then(({ Movements }) => ({ default: Movements })));
const Completed = lazy<object>(() => import('./Trends').then(({ Completed }) => ({ default: Completed })));

export const WIDGETS: Widget[] = [
  number('low', 'Parts low on stock', 'part', { low_stock: 'true', active: 'true' }, 'orange'),
  number('expired', 'Expired stock', 'stockitem', { expired: 'true', in_stock: 'true' }, 'red'),
  number('overdue-po', 'Overdue purchase orders', 'purchaseorder', { overdue: 'true' }, 'red'),
  number('overdue-so', 'Overdue sales orders', 'salesorder', { overdue: 'true' }, 'red'),
  number('overdue-builds', 'Overdue builds', 'build', { overdue: 'true' }, 'red'),
  number('overdue-ro', 'Overdue return orders', 'returnorder', { overdue: 'true' }, 'red'),
  number('open-po', 'Open purchase orders', 'purchaseorder', { outstanding: 'true' }),
  number('open-so', 'Open sales orders', 'salesorder', { outstanding: 'true' }),
  number('open-builds', 'Open builds', 'build', { outstanding: 'true' }),
  number('my-po', 'Purchase orders assigned to me', 'purchaseorder', { assigned_to_me: 'true', outstanding: 'true' }),
  number('my-builds', 'Builds assigned to me', 'build', { assigned_to_me: 'true', outstanding: 'true' }),
  number('followed', 'Parts I follow', 'part', { starred: 'true' }),
  number('parts', 'Parts', 'part', { active: 'true' }),
  number('stock', 'Stock items', 'stockitem', { in_stock: 'true' }),
  list('low-list', 'Low stock', 'part', {
    filters: () => ({ low_stock: 'true', active: 'true' }),
    sort: 'total_in_stock',
    value: (row) => `${quantity(row.total_in_stock ?? row.in_stock)} / ${quantity(row.minimum_stock, row.units)}`,
    empty: 'All parts have sufficient stock.',
  }),
  list('overdue-po-list', 'Overdue purchase orders, by date', 'purchaseorder', { filters: () => ({ overdue: 'true' }), sort: 'target_date', value: due('supplier_detail'), query: { supplier_detail: true }, empty: 'No overdue orders.' }),
  list('overdue-so-list', 'Overdue sales orders, by date', 'salesorder', { filters: () => ({ overdue: 'true' }), sort: 'target_date', value: due('customer_detail'), query: { customer_detail: true }, empty: 'No overdue orders.' }),
  list('overdue-builds-list', 'Overdue builds, by date', 'build', { filters: () => ({ overdue: 'true' }), sort: 'target_date', value: due('part_detail'), query: { part_detail: true }, empty: 'No overdue builds.' }),
  list('expiring', 'Stock expiring within 30 days', 'stockitem', {
    filters: () => ({ in_stock: 'true', expiry_before: inDays(SOON) }),
    sort: 'expiry_date',
    value: (row) => date(row.expiry_date),
    empty: 'Nothing expires soon.',
  }),
  list('followed-list', 'Followed items', 'part', { filters: () => ({ starred: 'true' }), sort: 'name', value: (row) => quantity(row.total_in_stock ?? row.in_stock, row.units), empty: 'You are not following any parts. Choose "Follow" in the menu of a part.' }),
  list('followed-categories', 'Categories I follow', 'partcategory', { filters: () => ({ starred: 'true' }), sort: 'name', value: (row) => quantity(row.part_count), empty: 'You are not following any categories.' }),
  list('new-parts', 'New parts', 'part', { sort: '-creation_date', value: (row) => date(row.creation_date), empty: 'No parts yet.' }),
  { name: 'changes', label: 'Recent stock changes', model: 'stockitem', kind: 'own', span: 2, own: Changes },
  { name: 'notices', label: 'Unread notifications', kind: 'own', span: 2, own: Notices },
  { name: 'movements', label: 'Stock changes per month', model: 'stockitem', kind: 'own', span: 2, own: Movements },
  { name: 'completed', label: 'Orders and builds completed per month', model: 'build', kind: 'own', span: 2, own: Completed },
];

export const FIRST: Placed[] = [
  'low', 'overdue-po', 'overdue-builds', 'overdue-so', 'low-list', 'expiring', 'changes', 'movements',
].flatMap((name) => {
  const widget = WIDGETS.find((widget) => widget.name === name);
  return widget ? [{ name, span: widget.span }] : [];
});

/** Moves an entry to the place of another. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const entry = list[from];
  if (entry === undefined || to < 0 || to >= list.length) return list;
  const others = list.filter((_, index) => index !== from);
  return [...others.slice(0, to), entry, ...others.slice(to)];
}
