import { kind } from '@/app/registry';
import { listed } from '@/areas/admin/listed';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('projectcode'),
  help: 'A project code groups orders and builds by project. It can be chosen on each of them, and lists can be filtered by it.',
  list: listed('projectcode'),
  columns: ['code', 'description', 'responsible', 'active'],
  sort: 'code',
  form: ['code', 'description', 'responsible', 'active'],
  empty: 'No project codes yet. Orders and builds are told apart by them.',
});
