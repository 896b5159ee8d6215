import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { quantity } from '@/shared/format';
import { copied } from '../orders/line';
import { allocateLines, allocateSerials, makeOrBuy } from './allocate';

export default defineResource({
  kind: kind('salesorderlineitem'),
  restores: { when: (row) => Number(row.allocated ?? 0) === 0 && Number(row.shipped) === 0 },
  query: { part_detail: true, order_detail: true },
  columns: [
    { name: 'part', width: 260, sort: 'part' },
    'reference',
    { name: 'quantity', sort: 'quantity' },
    { name: 'available_stock', label: 'Available', align: 'right' },
    { name: 'allocated', align: 'right', sort: 'allocated' },
    { name: 'shipped', align: 'right', sort: 'shipped', render: (row) => `${quantity(row.shipped)} / ${quantity(row.quantity)}` },
    'sale_price',
    'target_date',
  ],
  filters: ['completed', 'allocated'],
  form: ['order', { name: 'part', filters: () => ({ salable: true, active: true }) }, 'quantity', 'reference', 'sale_price', 'sale_price_currency', 'target_date', 'project_code', 'discount', 'notes', 'link'],
  actions: [allocateLines, allocateSerials, ...makeOrBuy],
  duplicate: copied(['order', 'part', 'quantity', 'reference', 'sale_price', 'sale_price_currency', 'target_date', 'project_code', 'discount', 'notes', 'link']),
  deletesTogether: true,
  empty: 'No lines yet. Add the parts to sell.',
});
