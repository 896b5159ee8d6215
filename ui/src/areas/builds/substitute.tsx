import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('bomitemsubstitute'),
  restores: {},
  columns: [{ name: 'part', width: 260 }],
  form: ['bom_item', { name: 'part', filters: () => ({ component: true }) }],
});
