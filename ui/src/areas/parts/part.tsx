import {
  IconArchive, IconArchiveOff, IconBell, IconBellOff, IconBookmark, IconBuildingFactory2, IconCalendarEvent, IconChartHistogram, IconClipboardCheck, IconHammer, IconLink, IconListDetails, IconLock, IconLockOpen2, IconPackages, IconReceipt, IconReportAnalytics,
  IconShoppingCart, IconSitemap, IconTruck, IconTruckDelivery, IconVersions,
} from '@tabler/icons-react';
import type { components } from '@/api/schema';
import { translate } from '@/app/i18n';
import { kind, kindOf, linkTo, resourceOf } from '@/app/registry';
import { openCreate, toggleAction } from '@/shared/actions';
import { defineResource, type TabProps } from '@/shared/description';
import { quantity } from '@/shared/format';
import { Panels } from '@/shared/detail/Panels';
import { lazy } from '@/shared/lazy';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { Thumbnail } from '@/shared/values';
import { buyAction } from '../purchasing/buy';
import { ofAll } from '../stock/actions';
import { useParameterColumns, useParameterFilters } from './parameterColumns';

const Pricing = lazy(() => import('./Pricing'));
const Scheduling = lazy(() => import('./Scheduling'));
const StockPlot = lazy(() => import('./StockPlot'));
const Bom = lazy(() => import('./Bom'));
const PartTests = lazy<{ part: number }>(() => import('../stock/Tests').then(({ PartTests }) => ({ default: PartTests })));
const Related = lazy(() => import('./RelatedTab'));
const Requirements = lazy<TabProps>(() => import('./Demand').then(({ Requirements }) => ({ default: Requirements })));
const Allocations = lazy<TabProps>(() => import('./Demand').then(({ Allocations }) => ({ default: Allocations })));

const stock = (row: TabProps['row']) => quantity(row.total_in_stock ?? row.in_stock, row.units);

const PURCHASES = ['order', 'part', { name: 'received', label: 'Received', align: 'right' as const }, { name: 'quantity', align: 'right' as const }, 'purchase_price', 'target_date', 'destination'];
const SALES = ['order', { name: 'quantity', align: 'right' as const }, { name: 'allocated', align: 'right' as const }, { name: 'shipped', align: 'right' as const }, 'sale_price', 'target_date'];
const API = '/api/part/';

const part = defineResource({
  kind: kind('part'),
  query: { category_detail: true },
  columns: [
    {
      name: 'name',
      width: 300,
      sort: 'name',
      render: (row) => (
        <span style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
          <Thumbnail src={row.thumbnail} />
          {String(row.name)}
        </span>
      ),
    },
    { name: 'IPN', width: 120 },
    'description',
    'category',
    { name: 'total_in_stock', label: 'In stock', sort: 'total_in_stock', align: 'right', render: stock },
    'minimum_stock',
    'active',
  ],
  useMoreColumns: useParameterColumns,
  useMoreFilters: useParameterFilters,
  filters: ['active', 'category', 'has_stock', 'low_stock', 'assembly', 'component', 'purchaseable', 'salable', 'trackable'],
  sort: 'name',
  form: [
    'name', 'IPN', 'description', 'category', 'revision', 'revision_of', 'variant_of', 'units', 'default_location', 'default_expiry',
    'minimum_stock', 'maximum_stock', 'keywords', 'link', 'responsible', 'tags', 'component', 'assembly', 'is_template', 'testable',
    'trackable', 'purchaseable', 'salable', 'virtual', 'locked', 'active',
  ],
  createForm: [
    'name', 'IPN', 'description', 'category', 'revision', 'units', 'default_location', 'minimum_stock', 'keywords', 'link', 'image',
    'component', 'assembly', 'is_template', 'testable', 'trackable', 'purchaseable', 'salable', 'virtual', 'active',
  ],
  bulkEdit: ['category', 'default_location', 'minimum_stock', 'active', 'locked'],
  panels: [
    { title: 'Part', fields: ['name', 'IPN', 'description', 'category', 'revision', 'revision_of', 'variant_of', 'keywords', 'units', 'link', 'responsible', 'creation_date', 'creation_user'] },
    { title: 'Stock', fields: ['total_in_stock', 'unallocated_stock', 'allocated_to_build_orders', 'allocated_to_sales_orders', 'required_for_build_orders', 'required_for_sales_orders', 'ordering', 'building', 'minimum_stock', 'maximum_stock', 'default_location', 'default_expiry'] },
    { title: 'Type', fields: ['active', 'component', 'assembly', 'is_template', 'testable', 'trackable', 'purchaseable', 'salable', 'virtual', 'locked'] },
    { title: 'Price', fields: ['pricing_min', 'pricing_max', 'pricing_updated'] },
  ],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={part} row={row} /> },
    { name: 'stock', label: 'Stock', icon: IconPackages, when: (row) => !row.virtual, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ part: row.pk }} hides={['part', 'part_detail.description']} /> },
    { name: 'bom', label: 'Bill of materials', icon: IconSitemap, when: (row) => Boolean(row.assembly), content: Bom },
    { name: 'used-in', label: 'Used in', icon: IconSitemap, when: (row) => Boolean(row.component), content: ({ row }) => <ResourceTable model="bomitem" fixed={{ uses: row.pk }} hides={['sub_part']} canCreate={false} /> },
    { name: 'builds', label: 'Builds', icon: IconBuildingFactory2, when: (row) => Boolean(row.assembly), content: ({ row }) => <ResourceTable model="build" fixed={{ part: row.pk }} hides={['part']} /> },
    { name: 'pricing', label: 'Prices', icon: IconReceipt, content: Pricing },
    { name: 'suppliers', label: 'Suppliers', icon: IconTruckDelivery, when: (row) => Boolean(row.purchaseable), content: ({ row }) => <ResourceTable model="supplierpart" fixed={{ part: row.pk }} hides={['part']} /> },
    { name: 'purchase-orders', label: 'Purchase orders', icon: IconShoppingCart, when: (row) => Boolean(row.purchaseable), content: ({ row }) => <ResourceTable model="purchaseorderlineitem" fixed={{ base_part: row.pk }} hides={['internal_part']} overrides={{ columns: PURCHASES }} canCreate={false} /> },
    { name: 'sales-orders', label: 'Sales orders', icon: IconTruck, when: (row) => Boolean(row.salable), content: ({ row }) => <ResourceTable model="salesorderlineitem" fixed={{ part: row.pk }} overrides={{ columns: SALES }} canCreate={false} /> },
    { name: 'variants', label: 'Variants', icon: IconVersions, when: (row) => Boolean(row.is_template), content: ({ row }) => <ResourceTable model="part" fixed={{ ancestor: row.pk }} newValues={{ variant_of: row.pk }} /> },
    { name: 'requirements', label: 'Requirements', icon: IconReportAnalytics, when: (row) => Boolean(row.component || row.salable), content: Requirements },
    { name: 'allocations', label: 'Allocations', icon: IconBookmark, when: (row) => Boolean(row.component || row.salable), content: Allocations },
    { name: 'scheduling', label: 'Scheduling', icon: IconCalendarEvent, when: (row) => !row.virtual, content: Scheduling },
    { name: 'stock-history', label: 'Stock over time', icon: IconChartHistogram, when: (row) => !row.virtual, content: StockPlot },
    { name: 'tests', label: 'Tests', icon: IconClipboardCheck, when: (row) => Boolean(row.testable && kindOf('parttesttemplate')), content: ({ row }) => <ResourceTable model="parttesttemplate" fixed={{ part: row.pk }} hides={['part']} /> },
    { name: 'test-results', label: 'Test results', icon: IconClipboardCheck, when: (row) => Boolean(row.testable), content: ({ row }) => <PartTests part={row.pk} /> },
    { name: 'related', label: 'Related', icon: IconLink, content: Related },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  badges: (row) => [
    ...(row.active ? [] : [{ label: 'Inactive', color: 'gray' }]),
    ...(row.locked ? [{ label: 'Locked', color: 'orange' }] : []),
    ...(row.virtual ? [{ label: 'Virtual', color: 'cyan' }] : [{ label: translate('In stock: {{quantity}}', { quantity: stock(row) }), color: Number(row.total_in_stock) > 0 ? 'green' : 'red' }]),
  ],
  trail: (row) => {
    const category = row.category_detail as { pk: number; pathstring: string } | null | undefined;
    return category ? [{ label: category.pathstring, to: linkTo(kind('partcategory'), category.pk) }] : [];
  },
  actions: [
    ofAll('count', 'Count stock', (row) => ({ part: row.pk, include_variants: false })),
    ofAll('move', 'Move stock', (row) => ({ part: row.pk, include_variants: false })),
    buyAction({
      label: 'Order',
      on: ['row', 'bulk'],
      when: (rows) => rows.every((row) => row.purchaseable && row.active),
      needs: (rows) => rows.map((row) => ({ row, part: row.pk, label: kind('part').title(row), missing: Math.max(0, Number(row.minimum_stock ?? 0) - Number(row.total_in_stock ?? 0) - Number(row.ordering ?? 0)) })),
    }),
    {
      name: 'build',
      label: 'Build',
      icon: IconHammer,
      role: 'build',
      needs: 'add',
      on: ['row'],
      when: ([row]) => Boolean(row?.assembly && row.active),
      run: async ([row], context) => row && openCreate(await resourceOf(kind('build')), context, { part: row.pk, quantity: Math.max(1, Number(row.minimum_stock ?? 0) - Number(row.total_in_stock ?? 0) - Number(row.building ?? 0)) }),
    },
    toggleAction({ name: 'follow', label: 'Follow', icon: IconBell, api: API, field: 'starred', to: true, done: 'You are following this' }),
    toggleAction({ name: 'unfollow', label: 'Stop following', icon: IconBellOff, api: API, field: 'starred', to: false, done: 'You are no longer following this' }),
    toggleAction({ name: 'lock', label: 'Lock', icon: IconLock, needs: 'change', api: API, field: 'locked', to: true, done: 'Locked' }),
    toggleAction({ name: 'unlock', label: 'Unlock', icon: IconLockOpen2, needs: 'change', api: API, field: 'locked', to: false, done: 'Unlocked' }),
    toggleAction({ name: 'deactivate', label: 'Deactivate', icon: IconArchive, needs: 'change', api: API, field: 'active', to: false, done: 'Deactivated' }),
    toggleAction({ name: 'activate', label: 'Activate', icon: IconArchiveOff, needs: 'change', api: API, field: 'active', to: true, done: 'Activated' }),
  ],
  canDelete: (row) => !row.active,
  duplicate: (row) => ({
    ...Object.fromEntries(Object.entries(row).filter(([name]) => !['pk', 'IPN', 'image', 'thumbnail', 'tags'].includes(name))),
    name: `${String(row.name)} copy`,
    duplicate: { original: row.pk, copy_image: true, copy_bom: true, copy_parameters: true, copy_notes: true, copy_tests: true } satisfies components['schemas']['PartDuplicateOptions'],
  }),
  empty: 'No parts yet. Create the first one, or import a file.',
});

export default part;
