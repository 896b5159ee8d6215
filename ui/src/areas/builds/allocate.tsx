/** Sets stock aside for a build, and makes its outputs. */
import { IconBookmark, IconBookmarkOff, IconCheck, IconFlame, IconPlus, IconRecycle, IconTrash, IconWand } from '@tabler/icons-react';
import { page, type Row } from '@/api/client';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action } from '@/shared/description';
import type { FormSpec } from '@/shared/form/Form';
import { quantity } from '@/shared/format';
import { serialField } from '@/shared/serials';
import { buyAction, type Need } from '../purchasing/buy';

const MOST = 500;
export const PENDING = 10;
export const PRODUCTION = 20;
export const HELD = 25;
const isOpen = (row: Row | undefined) => [PENDING, PRODUCTION, HELD].includes(Number(row?.status));

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated) - Number(line.consumed));
const canAllocate = (line: Row) => missing(line) > 0 && !line.consumable;

function allocateForm(build: number, lines: Row[], takeFrom?: unknown): Omit<FormSpec, 'title'> {
  return {
    url: `/api/build/${build}/allocate/`,
    items: {
      name: 'items',
      rows: lines,
      label: (line) => kind('buildline').title(line),
      shown: [{ label: 'Missing', render: (line) => quantity(missing(line)) }],
      columns: [
        {
          name: 'stock_item',
          field: { type: 'related field', label: 'Stock', model: 'stockitem', required: true },
          filters: (line) => ({
            bom_item: Number(line.bom_item),
            in_stock: true,
            available: true,
            ...(takeFrom ? { location: Number(takeFrom), cascade: true } : {}),
          }),
          width: 280,
        },
        { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: missing, width: 100 },
      ],
      toItem: (line, values) => ({ build_line: line.pk, ...values }),
    },
    fields: [],
  };
}

export const allocateLines: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'change',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => canAllocate(line) && line.build === lines[0]?.build),
  done: 'Allocated',
  form: (lines) => allocateForm(Number(lines[0]?.build), lines),
});

export const consumeLines: Action = formAction({
  name: 'consume',
  label: 'Consume',
  icon: IconFlame,
  needs: 'change',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => Number(line.allocated) > 0 && line.build === lines[0]?.build),
  done: 'Consumed',
  form: (lines) => ({
    url: `/api/build/${Number(lines[0]?.build)}/consume/`,
    fixed: { lines: lines.map((line) => ({ build_line: line.pk })) },
    fields: ['notes'],
  }),
});

/** What has to be bought: neither in stock, nor ordered, nor being made. */
export const short = (line: Row) => Math.max(0, missing(line) - Number(line.available_stock) - Number(line.on_order) - Number(line.in_production));
type Part = { purchaseable?: boolean; active?: boolean } | null | undefined;
const isBought = (part: Part) => Boolean(part?.purchaseable && part.active);
const canBuy = (line: Row) => short(line) > 0 && isBought(line.part_detail as Part);
const need = (line: Row): Need => ({ row: line, part: Number(line.part), label: kind('buildline').title(line), missing: short(line) });

export const buyLines: Action = buyAction({
  label: 'Order missing parts',
  on: ['row', 'bulk'],
  when: (lines) => lines.every(canBuy),
  needs: (lines) => lines.map(need),
});

/** On a build order. */
export const buildActions: Action[] = [
  formAction({
    name: 'allocate',
    label: 'Allocate stock',
    icon: IconBookmark,
    needs: 'change',
    on: ['row'],
    isMain: true,
    when: ([build]) => isOpen(build),
    done: 'Allocated',
    form: async ([build]) => {
      const { results } = await page('/api/build/line/', { build: build?.pk, part_detail: true, limit: MOST });
      return allocateForm(build?.pk ?? 0, results.filter(canAllocate), build?.take_from);
    },
  }),
  formAction({
    name: 'auto-allocate',
    label: 'Allocate automatically',
    icon: IconWand,
    needs: 'change',
    on: ['row'],
    when: ([build]) => isOpen(build),
    done: 'Allocated',
    form: ([build]) => ({
      url: `/api/build/${build?.pk}/auto-allocate/`,
      initial: { location: build?.take_from },
      fields: ['location', 'exclude_location', 'interchangeable', 'substitutes', 'optional_items', 'item_type', 'stock_sort_by'],
    }),
  }),
  buyAction({
    label: 'Order missing parts',
    on: ['row'],
    when: ([build]) => isOpen(build),
    needs: async ([build]) => {
      const { results } = await page('/api/build/line/', { build: build?.pk, part_detail: true, limit: MOST });
      return results.filter(canBuy).map(need);
    },
  }),
  formAction({
    name: 'unallocate',
    label: 'Remove allocations',
    icon: IconBookmarkOff,
    needs: 'change',
    on: ['row'],
    when: ([build]) => isOpen(build),
    done: 'Allocations removed',
    form: ([build]) => ({ url: `/api/build/${build?.pk}/unallocate/`, fields: [] }),
  }),
  formAction({
    name: 'create-output',
    label: 'New output',
    icon: IconPlus,
    needs: 'change',
    on: ['row'],
    isMain: true,
    when: ([build]) => isOpen(build),
    done: 'Output created',
    form: async ([build]) => ({
      url: `/api/build/${build?.pk}/create-output/`,
      initial: { quantity: Math.max(0, Number(build?.quantity) - Number(build?.completed)), batch_code: build?.batch, location: build?.destination },
      fields: ['quantity', 'batch_code', await serialField(build?.part), 'location', 'auto_allocate'],
    }),
  }),
];

/** On outputs: stock items that are being built. */
export function outputActions(build: Row): Action[] {
  const outputs = (rows: Row[], withQuantity: boolean): FormSpec['items'] => ({
    name: 'outputs',
    rows,
    label: (row) => kind('stockitem').title(row),
    columns: withQuantity
      ? [{ name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: (row) => row.quantity, width: 110 }]
      : [],
    toItem: (row, values) => ({ output: row.pk, ...values }),
  });
  return [
    formAction({
      name: 'complete-output',
      label: 'Complete',
      icon: IconCheck,
      color: 'green',
      role: 'build',
      needs: 'change',
      on: ['row', 'bulk'],
      done: 'Completed',
      form: (rows) => ({
        url: `/api/build/${build.pk}/complete/`,
        items: outputs(rows, true),
        initial: { location: build.destination ?? rows[0]?.location },
        fields: ['location', 'status_custom_key', 'accept_incomplete_allocation', 'notes'],
      }),
    }),
    formAction({
      name: 'scrap-output',
      label: 'Scrap',
      icon: IconRecycle,
      role: 'build',
      needs: 'change',
      on: ['row', 'bulk'],
      done: 'Scrapped',
      form: (rows) => ({
        url: `/api/build/${build.pk}/scrap-outputs/`,
        items: outputs(rows, true),
        fields: ['location', 'discard_allocations', 'notes'],
      }),
    }),
    formAction({
      name: 'delete-output',
      label: 'Cancel the output',
      icon: IconTrash,
      color: 'red',
      role: 'build',
      needs: 'change',
      on: ['row', 'bulk'],
      done: 'Output removed',
      form: (rows) => ({ url: `/api/build/${build.pk}/delete-outputs/`, items: outputs(rows, false), fields: [] }),
    }),
  ];
}
