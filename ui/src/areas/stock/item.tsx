import { IconBookmark, IconClipboardCheck, IconHistory, IconListDetails, IconPackages } from '@tabler/icons-react';
import { kind, linkTo } from '@/app/registry';
import { defineResource, type TabProps } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { HOLDS_STOCK } from '@/shared/form/FieldInput';
import { quantity } from '@/shared/format';
import { lazy } from '@/shared/lazy';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { buyAction } from '../purchasing/buy';
import { stockActions } from './actions';

const History = lazy(() => import('./History'));
const ItemPlot = lazy(() => import('./ItemPlot'));
const Allocations = lazy<TabProps>(() => import('./tabs').then(({ Allocations }) => ({ default: Allocations })));
const Installed = lazy<TabProps>(() => import('./tabs').then(({ Installed }) => ({ default: Installed })));
const ItemTests = lazy<TabProps>(() => import('./Tests').then(({ ItemTests }) => ({ default: ItemTests })));

const item = defineResource({
  kind: kind('stockitem'),
  query: { part_detail: true, location_detail: true, supplier_part_detail: true, path_detail: true },
  columns: [
    { name: 'part', width: 280 },
    { name: 'part_detail.IPN', label: 'IPN', sort: 'IPN', width: 120 },
    {
      name: 'quantity',
      align: 'right',
      render: (row) => (row.serial ? `# ${String(row.serial)}` : quantity(row.quantity, (row.part_detail as { units?: string } | undefined)?.units)),
    },
    { name: 'allocated', label: 'Allocated', align: 'right' },
    'status',
    { name: 'location', label: 'Location', width: 260, sort: 'location' },
    'batch',
    'expiry_date',
    'updated',
  ],
  filters: ['in_stock', 'location', 'part', 'status', 'available', 'serialized', 'batch', 'expired', 'allocated', 'supplier'],
  initialFilters: { in_stock: 'true' },
  form: ['status', 'batch', 'expiry_date', 'packaging', 'purchase_price', 'purchase_price_currency', 'supplier_part', 'owner', 'link', 'delete_on_deplete', 'tags'],
  createForm: [
    'part', { name: 'supplier_part', filters: ({ part }) => ({ part: (part as number | null) ?? undefined }) }, { name: 'location', filters: () => HOLDS_STOCK }, 'quantity', 'serial_numbers',
    'batch', 'status', 'expiry_date', 'packaging', 'purchase_price', 'purchase_price_currency', 'owner', 'link', 'notes',
  ],
  bulkEdit: ['batch', 'packaging', 'expiry_date', 'supplier_part'],
  panels: [
    { title: 'Stock item', fields: ['part', 'quantity', 'serial', 'batch', 'status', 'location', 'allocated', 'expiry_date', 'packaging', 'owner', 'link'] },
    { title: 'Source', fields: ['supplier_part', 'SKU', 'MPN', 'purchase_order', 'purchase_price', 'build', 'parent'] },
    { title: 'Destination', fields: ['customer', 'sales_order', 'belongs_to', 'consumed_by'] },
    { title: 'Dates', fields: ['creation_date', 'updated', 'stocktake_date'] },
  ],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={item} row={row} /> },
    { name: 'history', label: 'History', icon: IconHistory, content: ({ row }) => <><ItemPlot item={row.pk} units={(row.part_detail as { units?: string } | undefined)?.units} /><History item={row.pk} /></> },
    {
      name: 'tests',
      label: 'Tests',
      icon: IconClipboardCheck,
      when: (row) => Boolean((row.part_detail as { testable?: boolean } | undefined)?.testable),
      content: ItemTests,
    },
    { name: 'allocations', label: 'Allocations', icon: IconBookmark, when: (row) => row.in_stock !== false, content: Allocations },
    { name: 'installed', label: 'Installed items', icon: IconPackages, when: (row) => Number(row.installed_items) > 0 || (Boolean((row.part_detail as { assembly?: boolean } | undefined)?.assembly) && Boolean(row.serial)), content: Installed },
    { name: 'children', label: 'Split items', icon: IconPackages, when: (row) => Number(row.child_items) > 0, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ parent: row.pk }} canCreate={false} /> },
  ],
  carries: ['attachments', 'notes'],
  badges: (row) => [
    ...(row.expired ? [{ label: 'Expired', color: 'red' }] : []),
    ...(row.is_building ? [{ label: 'In production', color: 'blue' }] : []),
    ...(row.in_stock === false ? [{ label: 'Not in stock', color: 'gray' }] : []),
  ],
  subtitle: (row) => (row.location_detail as { pathstring?: string } | null)?.pathstring ?? '',
  trail: (row) => {
    const location = row.location_detail as { pk: number; pathstring: string } | null | undefined;
    return location ? [{ label: location.pathstring, to: linkTo(kind('stocklocation'), location.pk, 'stock') }] : [];
  },
  actions: [
    ...stockActions,
    buyAction({
      label: 'Order more',
      on: ['row', 'bulk'],
      when: (rows) => rows.every((row) => (row.part_detail as { purchaseable?: boolean; active?: boolean } | undefined)?.purchaseable !== false),
      needs: (rows) => [...new Map(rows.map((row) => [row.part, row])).values()].map((row) => ({ row, part: Number(row.part), label: String((row.part_detail as { full_name?: string } | undefined)?.full_name ?? ''), missing: 1 })),
    }),
  ],
  duplicate: (row) => Object.fromEntries(['part', 'supplier_part', 'location', 'quantity', 'batch', 'status', 'expiry_date', 'packaging', 'purchase_price', 'purchase_price_currency', 'owner', 'link'].map((name) => [name, row[name]])),
  deletesTogether: true,
  empty: 'No stock at this location.',
});

export default item;
