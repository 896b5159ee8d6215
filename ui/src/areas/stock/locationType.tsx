import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('stocklocationtype'),
  columns: ['name', 'description', 'icon', 'location_count'],
  sort: 'name',
});
