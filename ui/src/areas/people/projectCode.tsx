import { kind } from '@/app/registry';
import { listed } from '@/areas/admin/listed';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('projectcode'),
  help: 'A project code groups orders and builds by project. You can assign it to each of them and filter lists by it.',
  list: listed('projectcode'),
  columns: ['code', 'description', 'responsible', 'active'],
  sort: 'code',
  form: ['code', 'description', 'responsible', 'active'],
  empty: 'No project codes yet. Use them to assign orders and builds to projects.',
});
