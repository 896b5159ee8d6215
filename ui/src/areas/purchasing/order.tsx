import { IconList, IconPackages, IconReceipt } from '@tabler/icons-react';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { AS_GIVEN, orderResource } from '../orders/order';
import { PLACED, receiveAll } from './receive';

export default orderResource({
  model: 'purchaseorder',
  lines: [{ api: '/api/order/po-line/', by: 'order', fixed: AS_GIVEN }, { api: '/api/order/po-extra-line/', by: 'order' }],
  partner: ['supplier'],
  open: [PLACED],
  issue: 'Place order',
  complete: { label: 'Complete', question: 'Complete this order even though some lines are still open?', body: { accept_incomplete: true } },
  query: { supplier_detail: true },
  form: ['supplier_reference', 'order_currency', 'destination'],
  fields: ['supplier_reference', 'destination', 'total_price', 'order_currency'],
  tabs: [
    { name: 'lines', label: 'Lines', icon: IconList, count: (row) => Number(row.line_items), content: ({ row }) => <ResourceTable model="purchaseorderlineitem" fixed={{ order: row.pk }} /> },
    { name: 'extra-lines', label: 'Extra lines', icon: IconReceipt, content: ({ row }) => <ResourceTable model="purchaseorderextraline" fixed={{ order: row.pk }} /> },
    { name: 'stock', label: 'Received stock', icon: IconPackages, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ purchase_order: row.pk }} canCreate={false} /> },
  ],
  actions: [receiveAll],
});
