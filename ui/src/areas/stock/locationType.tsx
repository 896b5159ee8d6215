import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('stocklocationtype'),
  help: 'A type says what kind of place a location is, such as shelf or box, and gives it an icon.',
  columns: ['name', 'description', 'icon', 'location_count'],
  sort: 'name',
});
