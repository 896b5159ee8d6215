import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('partinternalpricebreak'),
  restores: {},
  columns: ['quantity', 'price'],
  sort: 'quantity',
  form: ['part', 'quantity', 'price', 'price_currency'],
  empty: 'No price breaks yet.',
});
