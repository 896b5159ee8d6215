import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';
import { templateParts } from './template';

export default defineResource({
  kind: kind('reportsnippet'),
  help: 'A snippet is part of a template that other templates can include, such as a letterhead.',
  list: listed('reportsnippet'),
  columns: ['snippet', 'description'],
  ...templateParts({ model: 'reportsnippet', field: 'snippet', form: ['description'], file: 'snippet.html', start: '<p></p>\n' }),
  empty: 'No snippets yet. A snippet is text that several templates can include.',
});
