import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('partstocktake'),
  columns: ['date', 'quantity', 'item_count', 'cost_min', 'cost_max'],
  sort: '-date',
  form: ['part', 'quantity', 'item_count', 'cost_min', 'cost_min_currency', 'cost_max', 'cost_max_currency'],
  canCreate: false,
  empty: 'No stocktake has been recorded yet.',
});
