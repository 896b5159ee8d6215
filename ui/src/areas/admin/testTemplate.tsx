import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('parttesttemplate'),
  help: 'A test template names a test that every item of a part has to pass, with a value or an attachment where it is asked for.',
  list: listed('parttesttemplate'),
  columns: ['test_name', 'part', 'description', 'required', 'requires_value', 'requires_attachment', 'results', 'enabled'],
  sort: 'test_name',
  form: ['part', 'test_name', 'description', 'choices', 'required', 'requires_value', 'requires_attachment', 'enabled'],
  empty: 'No tests yet. A test of a part asks for a result from every unit that is built or received.',
});
