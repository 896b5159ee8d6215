import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('transferorderallocation'),
  query: { item_detail: true, part_detail: true, order_detail: true, location_detail: true },
  columns: [{ name: 'part', width: 240 }, 'quantity', 'serial', 'location', 'order'],
  form: ['quantity'],
  canCreate: false,
  empty: 'No allocations yet.',
});
