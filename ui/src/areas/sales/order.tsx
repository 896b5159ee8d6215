import { IconBookmark, IconList, IconReceipt, IconTruck } from '@tabler/icons-react';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { orderResource } from '../orders/order';
import { allocateAll, autoAllocate } from './allocate';

const IN_PROGRESS = 15;
const SHIPPED = 20;

export default orderResource({
  model: 'salesorder',
  lines: [{ api: '/api/order/so-line/', by: 'order' }, { api: '/api/order/so-extra-line/', by: 'order' }],
  partner: ['customer'],
  open: [IN_PROGRESS, SHIPPED],
  complete: { label: 'Complete', question: 'Complete this order even though some lines have not been shipped?', body: { accept_incomplete: true } },
  query: { customer_detail: true },
  form: ['customer_reference', 'order_currency'],
  fields: ['customer_reference', 'shipments_count', 'completed_shipments_count', 'total_price', 'order_currency', 'shipment_date'],
  tabs: [
    { name: 'lines', label: 'Lines', icon: IconList, count: (row) => Number(row.line_items), content: ({ row }) => <ResourceTable model="salesorderlineitem" fixed={{ order: row.pk }} /> },
    { name: 'extra-lines', label: 'Extra lines', icon: IconReceipt, content: ({ row }) => <ResourceTable model="salesorderextraline" fixed={{ order: row.pk }} /> },
    { name: 'allocations', label: 'Allocations', icon: IconBookmark, content: ({ row }) => <ResourceTable model="salesorderallocation" fixed={{ order: row.pk }} hides={['order']} /> },
    { name: 'shipments', label: 'Shipments', icon: IconTruck, count: (row) => Number(row.shipments_count), content: ({ row }) => <ResourceTable model="salesordershipment" fixed={{ order: row.pk }} hides={['order']} /> },
  ],
  actions: [allocateAll, autoAllocate],
});
