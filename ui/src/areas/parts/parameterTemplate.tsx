import { kind } from '@/app/registry';
import { listed } from '@/areas/admin/listed';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('parametertemplate'),
  help: 'A parameter template defines a property that records can have, such as resistance in ohms. Values with units can be compared: 4.7 kΩ is less than 10000 Ω.',
  list: listed('parametertemplate'),
  columns: ['name', 'units', 'description', 'choices', 'checkbox', 'model_type', 'enabled'],
  sort: 'name',
});
