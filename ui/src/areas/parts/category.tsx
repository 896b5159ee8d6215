import { IconBell, IconBellOff, IconBox, IconCategory, IconHash, IconListDetails } from '@tabler/icons-react';
import { patch } from '@/api/client';
import { kind } from '@/app/registry';
import { toggleAction } from '@/shared/actions';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { TreePage } from '@/shared/tree/TreePage';
import { trailOf } from '@/shared/tree/trail';

const API = '/api/part/category/';

const category = defineResource({
  kind: kind('partcategory'),
  help: 'Categories organize parts in a tree. A category can define a default location and parameters for its parts.',
  query: { path_detail: true },
  columns: ['name', 'description', 'pathstring', { name: 'part_count', label: 'Parts' }, 'structural', 'default_location'],
  sort: 'name',
  list: () => <TreePage model="partcategory" />,
  form: ['name', 'description', 'parent', 'default_location', 'default_keywords', 'structural', 'icon'],
  deletion: 'Its parts and subcategories move up.',
  restores: {
    with: [{ api: '/api/part/category/parameters/', by: 'category' }],
    adopts: [
      { api: API, by: 'parent' },
      { api: '/api/part/', by: 'category', query: { cascade: false }, put: (parts, category) => patch('/api/part/', { items: parts.map(({ pk }) => pk), category }) },
    ],
  },
  bulkEdit: ['parent', 'default_location'],
  tabs: [
    { name: 'parts', label: 'Parts', icon: IconBox, content: ({ row }) => <ResourceTable model="part" fixed={{ category: row.pk }} hides={[]} /> },
    { name: 'subcategories', label: 'Subcategories', icon: IconCategory, content: ({ row }) => <ResourceTable model="partcategory" fixed={{ parent: row.pk }} /> },
    { name: 'part-parameters', label: 'Parameters for its parts', icon: IconHash, content: ({ row }) => <ResourceTable model="partcategoryparametertemplate" fixed={{ category: row.pk }} hides={['category_detail.pathstring']} /> },
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={category} row={row} /> },
  ],
  carries: ['parameters', 'attachments'],
  actions: [
    toggleAction({ name: 'follow', label: 'Follow', icon: IconBell, api: API, field: 'starred', to: true, done: 'You are following this' }),
    toggleAction({ name: 'unfollow', label: 'Stop following', icon: IconBellOff, api: API, field: 'starred', to: false, done: 'You are no longer following this' }),
  ],
  trail: (row) => trailOf(row, 'partcategory'),
  empty: 'No categories yet.',
});

export default category;
