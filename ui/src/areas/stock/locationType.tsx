import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('stocklocationtype'),
  help: 'A location type classifies locations, such as shelf or box, and defines their icon.',
  restores: { when: (row) => Number(row.location_count ?? 0) === 0 },
  columns: ['name', 'description', 'icon', 'location_count'],
  sort: 'name',
});
