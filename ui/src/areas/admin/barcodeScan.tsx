import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('barcodescanresult'),
  help: 'What was scanned, by whom, and whether something was found. The server keeps this where a setting says so.',
  list: listed('barcodescanresult'),
  query: { user_detail: true },
  columns: ['timestamp', { name: 'data', width: 280 }, 'result', { name: 'user_detail.username', label: 'User' }, 'endpoint'],
  sort: '-timestamp',
  canCreate: false,
  canEdit: false,
  deletesTogether: true,
  empty: 'No scans are kept. The setting "Record scans" of the server keeps them.',
});
