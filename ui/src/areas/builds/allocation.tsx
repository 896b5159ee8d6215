import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { consumeItems } from './allocate';

export default defineResource({
  kind: kind('builditem'),
  query: { part_detail: true, stock_detail: true, location_detail: true, build_detail: true, install_into_detail: true },
  columns: [
    { name: 'part_detail.full_name', label: 'Component', width: 260, sort: 'part' },
    'quantity',
    { name: 'stock_item_detail.serial', label: 'Serial number' },
    { name: 'stock_item_detail.batch', label: 'Batch' },
    'location',
    'build',
    'install_into',
  ],
  form: ['quantity', { name: 'install_into', filters: ({ build }) => ({ build: (build as number | undefined) ?? undefined, is_building: true }) }],
  actions: [consumeItems],
  restores: {},
  canCreate: false,
  deletesTogether: true,
  empty: 'No allocations yet.',
});
