import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('partrelated'),
  restores: {},
  columns: ['part_1', 'part_2', 'note'],
  form: ['part_1', { name: 'part_2', label: 'Related part' }, 'note'],
  empty: 'No related parts yet.',
});
