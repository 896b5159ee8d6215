/** What can be done with stock items. */
import {
  IconArrowsExchange,
  IconArrowsJoin2,
  IconArrowsRightLeft,
  IconCircleMinus,
  IconCirclePlus,
  IconListNumbers,
  IconNumbers,
  IconUserShare,
  IconTag,
} from '@tabler/icons-react';
import type { Row } from '@/api/client';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action } from '@/shared/description';
import type { ItemColumn, ItemsSpec } from '@/shared/form/Items';
import { quantity } from '@/shared/format';
import { serialField } from '@/shared/serials';
import { assemblyActions } from './assembly';
import { undoCount, undoMove, undoStatus, undoWith } from './undo';

const amount = (label: string, initial?: (row: Row) => unknown): ItemColumn => ({
  name: 'quantity',
  field: { type: 'decimal', label, required: true },
  ...(initial && { initial }),
});

const spec = (rows: Row[], columns: ItemColumn[], toItem?: ItemsSpec['toItem']): ItemsSpec => ({
  name: 'items',
  rows,
  scans: 'stockitem',
  label: (row) => kind('stockitem').title(row),
  shown: [
    { label: 'Location', render: (row) => (row.location_detail as { pathstring?: string } | null)?.pathstring ?? '–' },
    { label: 'In stock', render: (row) => quantity(row.quantity) },
  ],
  columns,
  ...(toItem && { toItem }),
});

const isThere = (rows: Row[]) => rows.every((row) => row.in_stock !== false);
const hasNoSerial = (rows: Row[]) => isThere(rows) && rows.every((row) => !row.serial);
const both: Action['on'] = ['row', 'bulk'];

export const stockActions: Action[] = [
  formAction({
    name: 'count',
    label: 'Count',
    icon: IconListNumbers,
    needs: 'change',
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
    needs: 'change',
    on: both,
    isMain: true,
    when: isThere,
    done: 'Moved',
    undo: undoMove,
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
    needs: 'change',
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
    needs: 'change',
    on: both,
    when: hasNoSerial,
    done: 'Removed',
    undo: undoWith('/api/stock/add/'),
    form: (rows) => ({ url: '/api/stock/remove/', items: spec(rows, [amount('Remove')]), fields: ['notes'] }),
  }),
  formAction({
    name: 'merge',
    label: 'Merge',
    icon: IconArrowsJoin2,
    needs: 'change',
    on: ['bulk'],
    when: (rows) => rows.length > 1 && hasNoSerial(rows) && rows.every((row) => row.part === rows[0]?.part),
    done: 'Merged',
    form: (rows) => ({
      url: '/api/stock/merge/',
      items: spec(rows, [], (row) => ({ item: row.pk })),
      fields: ['location', 'notes', 'allow_mismatched_suppliers', 'allow_mismatched_status'],
    }),
  }),
  formAction({
    name: 'status',
    label: 'Change status',
    icon: IconTag,
    needs: 'change',
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
    needs: 'change',
    on: both,
    when: (rows) => isThere(rows) && rows.every((row) => (row.part_detail as { salable?: boolean } | undefined)?.salable !== false),
    done: 'Assigned to customer',
    form: (rows) => ({
      url: '/api/stock/assign/',
      items: spec(rows, [], (row) => ({ item: row.pk })),
      fields: ['customer', 'notes'],
    }),
  }),
  ...assemblyActions,
  formAction({
    name: 'convert',
    label: 'Convert to variant',
    icon: IconArrowsExchange,
    needs: 'change',
    on: ['row'],
    when: ([row]) => Boolean((row?.part_detail as { is_template?: boolean; variant_of?: number } | undefined)?.variant_of),
    done: 'Converted',
    form: ([row]) => ({
      url: `/api/stock/${row?.pk}/convert/`,
      fields: [{ name: 'part', filters: () => ({ convert_from: Number(row?.part) }) }],
    }),
  }),
];
