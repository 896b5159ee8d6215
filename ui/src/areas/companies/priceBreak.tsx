import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('supplierpricebreak'),
  restores: {},
  columns: ['quantity', 'price', 'price_currency', 'supplier', 'updated'],
  sort: 'quantity',
  form: ['part', 'quantity', 'price', 'price_currency'],
  empty: 'No price breaks yet.',
});
