/** Sets stock aside for the lines of a sales order. */
import { IconBookmark, IconHammer, IconHash, IconWand } from '@tabler/icons-react';
import { page, type Row } from '@/api/client';
import { kind, resourceOf } from '@/app/registry';
import { formAction, openCreate } from '@/shared/actions';
import type { Action, FormField } from '@/shared/description';
import type { FormSpec } from '@/shared/form/Form';
import { allocatedText, keepAllocations, linesToAllocate, serialsAction } from '../orders/allocation';
import { buyAction } from '../purchasing/buy';

const MOST = 500;
/** States in which stock can be set aside. */
export const OPEN = [10, 15, 25];

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated) - Number(line.shipped));
const hasPart = (line: Row) => line.part !== null && missing(line) > 0;

const shipment = (order: unknown): FormField => ({ name: 'shipment', filters: () => ({ order: Number(order), shipped: false }) });

const allocateForm = (order: number, lines: Row[]): Omit<FormSpec, 'title'> => ({
  url: `/api/order/so/${order}/allocate/`,
  items: linesToAllocate(lines, {
    model: 'salesorderlineitem',
    line: 'line_item',
    missing,
    filters: (line) => ({ part: Number(line.part), include_variants: true, in_stock: true, available: true }),
  }),
  fields: [shipment(order)],
});

const API = '/api/order/so-allocation/';
const keepsOrder = keepAllocations(API, 'order', (order) => order.pk);
const keepsLine = keepAllocations(API, 'order', (line) => line.order);

export const allocateAll: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'add',
  on: ['row'],
  isMain: true,
  when: ([order]) => OPEN.includes(Number(order?.status)) && Number(order?.line_items) > 0,
  done: 'Allocated',
  keeps: keepsOrder,
  form: async ([order]) => {
    const { results } = await page('/api/order/so-line/', { order: order?.pk, completed: false, part_detail: true, limit: MOST });
    return allocateForm(order?.pk ?? 0, results.filter(hasPart));
  },
});

export const autoAllocate: Action = formAction({
  name: 'auto-allocate',
  label: 'Allocate automatically',
  icon: IconWand,
  needs: 'add',
  on: ['row'],
  when: ([order]) => OPEN.includes(Number(order?.status)) && Number(order?.line_items) > 0,
  done: allocatedText,
  keeps: keepsOrder,
  form: ([order]) => ({
    url: `/api/order/so/${order?.pk}/auto-allocate/`,
    fields: ['location', 'exclude_location', shipment(order?.pk), 'interchangeable', 'stock_sort_by', 'serialized_stock'],
  }),
});

export const allocateLines: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'add',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => hasPart(line) && line.order === lines[0]?.order),
  done: 'Allocated',
  keeps: keepsLine,
  form: (lines) => allocateForm(Number(lines[0]?.order), lines),
});

export const allocateSerials = serialsAction({
  icon: IconHash,
  url: (line) => `/api/order/so/${Number(line.order)}/allocate-serials/`,
  missing,
  keeps: keepsLine,
  fields: (line) => [shipment(line?.order)],
});

type Part = { purchaseable?: boolean; assembly?: boolean; active?: boolean } | null | undefined;
const partOf = (line: Row | undefined) => line?.part_detail as Part;

/** What a line lacks is made, or bought. */
export const makeOrBuy: Action[] = [
  {
    name: 'build',
    label: 'Build',
    icon: IconHammer,
    role: 'build',
    needs: 'add',
    on: ['row'],
    when: ([line]) => Boolean(line && hasPart(line) && partOf(line)?.assembly && partOf(line)?.active !== false),
    run: async ([line], context) =>
      line && openCreate(await resourceOf(kind('build')), context, { part: line.part, sales_order: line.order, quantity: missing(line), target_date: line.target_date }),
  },
  buyAction({
    label: 'Order missing parts',
    on: ['row', 'bulk'],
    when: (lines) => lines.every((line) => hasPart(line) && partOf(line)?.purchaseable),
    needs: (lines) => lines.map((line) => ({ row: line, part: Number(line.part), label: kind('salesorderlineitem').title(line), missing: missing(line) })),
  }),
];
