import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('salesorderallocation'),
  query: { item_detail: true, part_detail: true, order_detail: true, location_detail: true, shipment_detail: true },
  columns: [{ name: 'part', width: 240 }, 'quantity', { name: 'serial', label: 'Serial number' }, 'location', 'order', 'shipment'],
  form: ['quantity', { name: 'shipment' }],
  bulkEdit: ['shipment'],
  restores: {
    make: (row) => ({
      url: `/api/order/so/${Number(row.order)}/allocate/`,
      values: { items: [{ line_item: row.line, stock_item: row.item, quantity: row.quantity }], ...(row.shipment !== null && { shipment: row.shipment }) },
    }),
  },
  canCreate: false,
  deletesTogether: true,
  empty: 'No allocations yet.',
});
