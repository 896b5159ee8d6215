import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('stockitemtestresult'),
  query: { template_detail: true, user_detail: true },
  columns: [
    { name: 'template_detail.test_name', label: 'Test', width: 220 },
    'result',
    'value',
    'notes',
    'attachment',
    'test_station',
    'user',
    { name: 'date', sort: 'date' },
  ],
  sort: '-date',
  form: ['stock_item', 'template', 'result', 'value', 'notes', 'test_station', 'attachment'],
  deletesTogether: true,
  empty: 'No test results yet.',
});
