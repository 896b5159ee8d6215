/** What can be done with stock items. */
import {
  IconArrowsExchange,
  IconArrowsJoin2,
  IconArrowsSplit2,
  IconArrowsRightLeft,
  IconCircleMinus,
  IconCirclePlus,
  IconListNumbers,
  IconNumbers,
  IconUserShare,
  IconTag,
} from '@tabler/icons-react';
import { page, type Query, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action } from '@/shared/description';
import type { ItemColumn, ItemsSpec } from '@/shared/form/Items';
import { unitOf } from '@/shared/form/units';
import { quantity } from '@/shared/format';
import { failed, warned } from '@/shared/notify';
import { serialField } from '@/shared/serials';
import { assemblyActions } from './assembly';
import { keepMove, undoAssign, undoConvert, undoCount, undoSerialize, undoStatus, undoWith } from './undo';

const amount = (label: string, initial?: (row: Row) => unknown): ItemColumn => ({
  name: 'quantity',
  field: { type: 'decimal', label, required: true },
  unit: unitOf,
  ...(initial && { initial }),
});

const spec = (rows: Row[], columns: ItemColumn[], toItem?: ItemsSpec['toItem']): ItemsSpec => ({
  name: 'items',
  rows,
  scans: 'stockitem',
  label: (row) => kind('stockitem').title(row),
  shown: [
    { label: 'Location', render: (row) => (row.location_detail as { pathstring?: string } | null)?.pathstring ?? '–' },
    { label: 'In stock', render: (row) => quantity(row.quantity, unitOf(row)) },
  ],
  columns,
  ...(toItem && { toItem }),
});

const isThere = (rows: Row[]) => rows.every((row) => row.in_stock !== false);
const hasNoSerial = (rows: Row[]) => isThere(rows) && rows.every((row) => !row.serial);
const both: Action['on'] = ['row', 'bulk'];

/** Whether the part of an item is a template or a variant of one. */
const hasFamily = ({ part_detail: part }: Row) => Boolean((part as { is_template?: boolean } | undefined)?.is_template || (part as { variant_of?: number | null } | undefined)?.variant_of);

const variantForm = formAction({
  name: 'convert',
  label: 'Convert to variant',
  icon: IconArrowsExchange,
  needs: 'change',
  on: ['row'],
  when: (rows) => isThere(rows) && rows.every(hasFamily),
  done: 'Converted',
  undo: undoConvert,
  form: ([row]) => ({
    url: `/api/stock/${row?.pk}/convert/`,
    fields: [{ name: 'part', filters: () => ({ convert_from: Number(row?.part) }) }],
  }),
});
/** A template may have no variants yet, so that is asked first. */
const convert: Action = {
  ...variantForm,
  run: async (rows, context) => {
    const { count } = await page('/api/part/', { convert_from: Number(rows[0]?.part), limit: 1 });
    if (count === 0) return warned(translate('This part has no variants.'));
    await variantForm.run(rows, context);
  },
};

const NEIGHBORS = 100;
/** An item, with others of its part at its place. */
async function withNeighbors([first]: Row[]): Promise<Row[]> {
  if (!first) return [];
  const { results } = await page('/api/stock/', { ...kind('stockitem').query, part: Number(first.part), location: Number(first.location), cascade: false, include_variants: false, in_stock: true, serialized: false, limit: NEIGHBORS });
  return [first, ...results.filter((row) => row.pk !== first.pk && row.batch === first.batch)];
}

/** Of several items, wherever they are listed: of a part, or at a location. */
const LISTED = 500;
export const ofAll = (name: 'count' | 'move', label: string, filters: (row: Row) => Query): Action => {
  const action = stockActions.find((action) => action.name === name)!;
  return {
    ...action,
    name: `${name}-all`,
    label,
    role: 'stock',
    on: ['row'],
    isMain: false,
    when: ([row]) => row !== undefined,
    run: async ([row], context) => {
      if (!row) return;
      const query = { ...kind('stockitem').query, location_detail: true, in_stock: true, limit: LISTED };
      const { results, count } = await page('/api/stock/', { ...query, ...filters(row), ...(name === 'count' && { serialized: false }) });
      if (count === 0) return failed(new Error(translate('No stock items.')));
      if (count > LISTED) return failed(new Error(translate('There are more than {{count}} stock items. Select some of them in the list.', { count: LISTED })));
      await action.run(results, context);
    },
  };
};

export const stockActions: Action[] = [
  formAction({
    name: 'count',
    label: 'Count',
    icon: IconListNumbers,
    needs: 'add',
    on: both,
    isMain: true,
    when: hasNoSerial,
    done: 'Counted',
    undo: undoCount,
    form: (rows) => ({
      url: '/api/stock/count/',
      items: spec(rows, [amount('Counted', (row) => row.quantity)]),
      fields: ['notes'],
    }),
  }),
  formAction({
    name: 'move',
    label: 'Move',
    icon: IconArrowsRightLeft,
    needs: 'add',
    on: both,
    isMain: true,
    when: isThere,
    done: 'Moved',
    keeps: keepMove,
    form: (rows) => ({
      url: '/api/stock/transfer/',
      items: spec(rows, [amount('Quantity', (row) => row.quantity)]),
      fields: ['location', 'notes'],
    }),
  }),
  formAction({
    name: 'add',
    label: 'Add',
    icon: IconCirclePlus,
    needs: 'add',
    on: both,
    when: hasNoSerial,
    done: 'Added',
    undo: undoWith('/api/stock/remove/'),
    form: (rows) => ({ url: '/api/stock/add/', items: spec(rows, [amount('Add')]), fields: ['notes'] }),
  }),
  formAction({
    name: 'remove',
    label: 'Remove',
    icon: IconCircleMinus,
    needs: 'add',
    on: both,
    when: hasNoSerial,
    done: 'Removed',
    undo: undoWith('/api/stock/add/'),
    form: (rows) => ({ url: '/api/stock/remove/', items: spec(rows, [amount('Remove')]), fields: ['notes'] }),
  }),
  formAction({
    name: 'split',
    label: 'Split',
    icon: IconArrowsSplit2,
    needs: 'add',
    on: ['row'],
    when: (rows) => hasNoSerial(rows) && rows.every((row) => Number(row.quantity) > 0),
    done: 'Split',
    keeps: keepMove,
    form: (rows) => ({
      url: '/api/stock/transfer/',
      items: spec(rows, [amount('Split off')]),
      initial: { location: rows[0]?.location },
      fields: ['location', 'notes'],
    }),
  }),
  formAction({
    name: 'merge',
    label: 'Merge',
    icon: IconArrowsJoin2,
    needs: 'add',
    on: ['row', 'bulk'],
    when: (rows) => hasNoSerial(rows) && rows.every((row) => row.part === rows[0]?.part),
    done: 'Merged',
    form: async (rows) => {
      const all = rows.length > 1 ? rows : await withNeighbors(rows);
      return {
        url: '/api/stock/merge/',
        items: spec(all, [], (row) => ({ item: row.pk })),
        intro: all.length > 1 ? undefined : translate('Scan the stock items to merge with this one.'),
        initial: { location: all[0]?.location },
        fields: ['location', 'notes', 'allow_mismatched_suppliers', 'allow_mismatched_status'],
      };
    },
  }),
  formAction({
    name: 'status',
    label: 'Change status',
    icon: IconTag,
    needs: 'add',
    on: both,
    done: 'Status changed',
    undo: undoStatus,
    form: (rows) => ({
      url: '/api/stock/change_status/',
      fixed: { items: rows.map((row) => row.pk) },
      fields: ['status', 'note'],
    }),
  }),
  formAction({
    name: 'serialize',
    label: 'Assign serial numbers',
    icon: IconNumbers,
    needs: 'change',
    on: ['row'],
    when: ([row]) => Boolean(row && !row.serial && row.in_stock !== false && (row.part_detail as { trackable?: boolean } | undefined)?.trackable),
    done: 'Serial numbers given',
    undo: undoSerialize,
    form: async ([row]) => ({
      url: `/api/stock/${row?.pk}/serialize/`,
      initial: { quantity: row?.quantity, destination: row?.location },
      fields: ['quantity', await serialField(row?.part), 'destination', 'notes'],
    }),
  }),
  formAction({
    name: 'assign',
    label: 'Assign to customer',
    icon: IconUserShare,
    needs: 'add',
    on: both,
    when: (rows) => isThere(rows) && rows.every((row) => (row.part_detail as { salable?: boolean } | undefined)?.salable !== false),
    done: 'Assigned to customer',
    undo: undoAssign,
    form: (rows) => ({
      url: '/api/stock/assign/',
      items: spec(rows, [], (row) => ({ item: row.pk })),
      fields: ['customer', 'notes'],
    }),
  }),
  ...assemblyActions,
  convert,
];
