import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('tag'),
  help: 'Tags are words that records are marked with. They are created by typing them; here they are renamed and deleted everywhere at once.',
  list: listed('tag'),
  columns: ['name', 'slug'],
  sort: 'name',
  form: ['name'],
  empty: 'No tags yet. They are created where a record is given one.',
});
