import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('transferorderallocation'),
  query: { item_detail: true, part_detail: true, order_detail: true, location_detail: true },
  columns: [{ name: 'part', width: 240 }, 'quantity', 'serial', 'location', 'order'],
  form: ['quantity'],
  restores: {
    make: (row) => ({ url: `/api/order/transfer-order/${Number(row.order)}/allocate/`, values: { items: [{ line_item: row.line, stock_item: row.item, quantity: row.quantity }] } }),
  },
  canCreate: false,
  empty: 'No allocations yet.',
});
