import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('parametertemplate'),
  columns: ['name', 'units', 'description', 'choices', 'checkbox', 'model_type', 'enabled'],
  sort: 'name',
});
