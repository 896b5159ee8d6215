/** Sets stock aside for the lines of a sales order. */
import { IconBookmark, IconHash, IconWand } from '@tabler/icons-react';
import { page, type Row } from '@/api/client';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action, FormField } from '@/shared/description';
import type { FormSpec } from '@/shared/form/Form';
import { quantity } from '@/shared/format';

const MOST = 500;
/** States in which stock can be set aside. */
export const OPEN = [10, 15, 25];

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated) - Number(line.shipped));
const hasPart = (line: Row) => line.part !== null && missing(line) > 0;

const shipment = (order: unknown): FormField => ({ name: 'shipment', filters: () => ({ order: Number(order), shipped: false }) });

function allocateForm(order: number, lines: Row[]): Omit<FormSpec, 'title'> {
  return {
    url: `/api/order/so/${order}/allocate/`,
    items: {
      name: 'items',
      rows: lines,
      label: (line) => kind('salesorderlineitem').title(line),
      shown: [{ label: 'Missing', render: (line) => quantity(missing(line)) }],
      columns: [
        {
          name: 'stock_item',
          field: { type: 'related field', label: 'Stock', model: 'stockitem', required: true },
          filters: (line) => ({ part: Number(line.part), include_variants: true, in_stock: true, available: true }),
          width: 280,
        },
        { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: missing, width: 100 },
      ],
      toItem: (line, values) => ({ line_item: line.pk, ...values }),
    },
    fields: [shipment(order)],
  };
}

export const allocateAll: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'change',
  on: ['row'],
  isMain: true,
  when: ([order]) => OPEN.includes(Number(order?.status)) && Number(order?.line_items) > 0,
  done: 'Allocated',
  form: async ([order]) => {
    const { results } = await page('/api/order/so-line/', { order: order?.pk, completed: false, part_detail: true, limit: MOST });
    return allocateForm(order?.pk ?? 0, results.filter(hasPart));
  },
});

export const autoAllocate: Action = formAction({
  name: 'auto-allocate',
  label: 'Allocate automatically',
  icon: IconWand,
  needs: 'change',
  on: ['row'],
  when: ([order]) => OPEN.includes(Number(order?.status)) && Number(order?.line_items) > 0,
  done: 'Allocated',
  form: ([order]) => ({
    url: `/api/order/so/${order?.pk}/auto-allocate/`,
    fields: ['location', 'exclude_location', shipment(order?.pk), 'interchangeable', 'stock_sort_by', 'serialized_stock'],
  }),
});

export const allocateLines: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'change',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => hasPart(line) && line.order === lines[0]?.order),
  done: 'Allocated',
  form: (lines) => allocateForm(Number(lines[0]?.order), lines),
});

export const allocateSerials: Action = formAction({
  name: 'allocate-serials',
  label: 'Allocate serial numbers',
  icon: IconHash,
  needs: 'change',
  on: ['row'],
  when: ([line]) => Boolean(line && hasPart(line) && (line.part_detail as { trackable?: boolean } | undefined)?.trackable),
  done: 'Allocated',
  form: ([line]) => ({
    url: `/api/order/so/${Number(line?.order)}/allocate-serials/`,
    initial: { quantity: line ? missing(line) : 0 },
    fixed: { line_item: line?.pk },
    fields: ['quantity', 'serial_numbers', shipment(line?.order)],
  }),
});
