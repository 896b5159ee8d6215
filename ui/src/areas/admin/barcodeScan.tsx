import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('barcodescanresult'),
  help: 'Barcodes that were scanned, by whom, and whether a match was found. Scans are only recorded if the setting is turned on.',
  list: listed('barcodescanresult'),
  query: { user_detail: true },
  columns: ['timestamp', { name: 'data', width: 280 }, 'result', { name: 'user_detail.username', label: 'User' }, 'endpoint'],
  sort: '-timestamp',
  canCreate: false,
  canEdit: false,
  deletesTogether: true,
  empty: 'No recorded scans. To record scans, turn on the server setting "Record scans".',
});
