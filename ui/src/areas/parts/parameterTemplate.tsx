import { kind } from '@/app/registry';
import { listed } from '@/areas/admin/listed';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('parametertemplate'),
  list: listed('parametertemplate'),
  columns: ['name', 'units', 'description', 'choices', 'checkbox', 'model_type', 'enabled'],
  sort: 'name',
});
