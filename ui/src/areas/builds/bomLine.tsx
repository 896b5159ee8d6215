import { IconCircleCheck, IconListDetails, IconReplace } from '@tabler/icons-react';
import { patch } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { quantity } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { forEach } from '@/shared/progress';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { copied } from '../orders/line';

const line = defineResource({
  kind: kind('bomitem'),
  restores: { with: [{ api: '/api/bom/substitute/', by: 'bom_item' }] },
  query: { part_detail: true, sub_part_detail: true, can_build: true, pricing: true, substitutes: true },
  columns: [
    { name: 'sub_part', label: 'Component', width: 280, sort: 'sub_part' },
    { name: 'part', label: 'Assembly', width: 240 },
    'reference',
    { name: 'quantity', sort: 'quantity', align: 'right' },
    { name: 'available_stock', label: 'Available', sort: 'available_stock', align: 'right', render: (row) => quantity(Number(row.available_stock) + Number(row.available_substitute_stock ?? 0) + (row.allow_variants ? Number(row.available_variant_stock ?? 0) : 0)) },
    { name: 'can_build', label: 'Can build', sort: 'can_build', align: 'right', render: (row) => quantity(Math.floor(Number(row.can_build ?? 0))) },
    { name: 'on_order', align: 'right' },
    { name: 'pricing_max_total', label: 'Price', align: 'right' },
    'validated',
    'optional',
    'consumable',
    'note',
  ],
  filters: ['available_stock', 'validated', 'optional', 'consumable', 'inherited', 'sub_part_assembly'],
  form: [
    'part', { name: 'sub_part', filters: () => ({ component: true, active: true }) }, 'quantity', 'reference', 'note', 'setup_quantity', 'attrition',
    'rounding_multiple', 'allow_variants', 'inherited', 'optional', 'consumable',
  ],
  bulkEdit: ['optional', 'consumable', 'allow_variants', 'inherited', 'note'],
  panels: [
    { title: 'BOM line', fields: ['part', 'sub_part', 'quantity', 'reference', 'note', 'validated'] },
    { title: 'Rules', fields: ['setup_quantity', 'attrition', 'rounding_multiple', 'allow_variants', 'inherited', 'optional', 'consumable'] },
    { title: 'Stock', fields: ['available_stock', 'available_substitute_stock', 'available_variant_stock', 'on_order', 'building', 'can_build'] },
  ],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={line} row={row} /> },
    { name: 'substitutes', label: 'Substitutes', icon: IconReplace, content: ({ row }) => <ResourceTable model="bomitemsubstitute" fixed={{ bom_item: row.pk }} /> },
  ],
  actions: [
    {
      name: 'validate',
      label: 'Validate',
      icon: IconCircleCheck,
      needs: 'change',
      on: ['row', 'bulk'],
      when: (rows) => rows.some((row) => !row.validated),
      run: async (rows, context) => {
        const set = (valid: boolean) => forEach(translate('Validate'), rows, (row) => patch(`/api/bom/${row.pk}/validate/`, { valid })).then(context.refresh);
        await set(true);
        succeeded(translate('Validated'), () => set(false));
      },
    },
  ],
  duplicate: copied(['part', 'sub_part', 'quantity', 'reference', 'note', 'setup_quantity', 'attrition', 'rounding_multiple', 'allow_variants', 'inherited', 'optional', 'consumable']),
  deletesTogether: true,
  empty: 'No lines yet. Add components, copy another bill of materials, or import a file.',
});

export default line;
