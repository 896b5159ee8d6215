import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { AS_GIVEN } from '../orders/order';
import { quantity } from '@/shared/format';
import { RecordLink } from '@/shared/RecordLink';
import { receiveLines } from './receive';
import { copied } from '../orders/line';

export default defineResource({
  kind: kind('purchaseorderlineitem'),
  // the price and the line are those of before, not worked out again
  restores: { when: (row) => Number(row.received) === 0, fixed: AS_GIVEN },
  query: { part_detail: true, order_detail: true },
  columns: [
    { name: 'internal_part', label: 'Part', width: 240, sort: 'part_name', render: (row) => <RecordLink model="part" pk={Number(row.internal_part)}>{String(row.internal_part_name ?? '')}</RecordLink> },
    { name: 'part', label: 'Supplier part', render: (row) => <RecordLink model="supplierpart" pk={Number(row.part)}>{String(row.sku ?? '')}</RecordLink>, sort: 'SKU', width: 150 },
    'reference',
    { name: 'received', label: 'Received', align: 'right', sort: 'received', render: (row) => `${quantity(row.received)} / ${quantity(row.quantity)}` },
    'purchase_price',
    'total_price',
    'target_date',
    'destination',
  ],
  filters: ['received', 'pending'],
  form: [
    'order', 'part', 'quantity', 'reference', 'purchase_price', 'purchase_price_currency', 'auto_pricing', 'target_date', 'destination',
    'project_code', 'discount', 'notes', 'link',
  ],
  actions: [receiveLines],
  duplicate: copied(['order', 'part', 'quantity', 'reference', 'purchase_price', 'purchase_price_currency', 'target_date', 'destination', 'project_code', 'discount', 'notes', 'link']),
  deletesTogether: true,
  empty: 'No lines yet. Add the parts to purchase.',
});
