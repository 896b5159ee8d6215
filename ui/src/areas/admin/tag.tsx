import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('tag'),
  help: 'Tags are keywords of records. Type a new tag on a record to create it. On this page, you can rename and delete tags on all records.',
  list: listed('tag'),
  columns: ['name', 'slug'],
  sort: 'name',
  form: ['name'],
  empty: 'No tags yet. Tags are created when you add them to a record.',
});
