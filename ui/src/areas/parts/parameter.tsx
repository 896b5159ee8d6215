import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('parameter'),
  restores: {},
  query: { template_detail: true },
  columns: [
    { name: 'template_detail.name', label: 'Parameter', sort: 'name' },
    { name: 'data', label: 'Value', sort: 'data' },
    { name: 'template_detail.units', label: 'Units' },
    'note',
    'updated',
  ],
  form: ['template', 'data', 'note'],
  deletesTogether: true,
  empty: 'No parameters yet.',
});
