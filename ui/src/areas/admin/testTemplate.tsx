import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('parttesttemplate'),
  help: 'A test template defines a test for stock items of a part. It can require a value or an attachment with each result.',
  list: listed('parttesttemplate'),
  columns: ['test_name', 'part', 'description', 'required', 'requires_value', 'requires_attachment', 'results', 'enabled'],
  sort: 'test_name',
  form: ['part', 'test_name', 'description', 'choices', 'required', 'requires_value', 'requires_attachment', 'enabled'],
  empty: 'No tests yet. A test requires a result for every unit that is built or received.',
});
