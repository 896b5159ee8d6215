import { IconBox, IconListDetails, IconMapPin, IconPackages } from '@tabler/icons-react';
import { patch, post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { TreePage } from '@/shared/tree/TreePage';
import { trailOf } from '@/shared/tree/trail';
import { ofAll } from './actions';

/** What lies at a place itself, not below it. */
const here = (row: Row) => ({ location: row.pk, cascade: false });

const moveTo = (items: Row[], place: number) =>
  post('/api/stock/transfer/', { items: items.map(({ pk, quantity }) => ({ pk, quantity, merge: false })), location: place, notes: translate('Undone') });

const location = defineResource({
  kind: kind('stocklocation'),
  help: 'Locations are where stock is stored: a building, a shelf, a box. A structural location contains other locations, but no stock. Print a barcode for each location to scan it.',
  query: { path_detail: true },
  columns: ['name', 'description', 'pathstring', { name: 'items', label: 'Stock items' }, 'location_type', 'structural', 'external'],
  sort: 'name',
  list: () => <TreePage model="stocklocation" />,
  form: ['name', 'description', 'parent', 'location_type', 'owner', 'structural', 'external', 'custom_icon', 'tags'],
  deletion: 'Its stock and sublocations move up. Orders and builds that name it as their destination lose it.',
  restores: {
    // a new location has no code until one is assigned to it
    when: (row) => row.barcode_hash === '',
    adopts: [
      { api: '/api/stock/location/', by: 'parent' },
      { api: '/api/stock/', by: 'location', query: { cascade: false, in_stock: true }, put: moveTo },
      { api: '/api/part/', by: 'default_location', put: (parts, place) => patch('/api/part/', { items: parts.map(({ pk }) => pk), default_location: place }) },
    ],
  },
  bulkEdit: ['parent', 'location_type'],
  tabs: [
    { name: 'stock', label: 'Stock', icon: IconPackages, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ location: row.pk }} /> },
    { name: 'sublocations', label: 'Sublocations', icon: IconMapPin, content: ({ row }) => <ResourceTable model="stocklocation" fixed={{ parent: row.pk }} /> },
    { name: 'parts', label: 'Default for parts', icon: IconBox, content: ({ row }) => <ResourceTable model="part" fixed={{ default_location: row.pk }} /> },
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={location} row={row} /> },
  ],
  carries: ['parameters', 'attachments'],
  actions: [ofAll('count', 'Count stock', here), ofAll('move', 'Move stock', here)],
  trail: (row) => trailOf(row, 'stocklocation'),
  empty: 'No locations yet.',
});

export default location;
