import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';
import { templateParts } from './template';

export default defineResource({
  kind: kind('reporttemplate'),
  help: 'A report template defines the layout of reports: HTML with the template language, printed as pages. You can print reports from any list or detail page.',
  list: listed('reporttemplate'),
  columns: ['name', 'model_type', 'description', 'page_size', 'landscape', 'enabled', 'updated'],
  sort: 'name',
  ...templateParts({
    model: 'reporttemplate',
    field: 'template',
    printing: 'report',
    form: ['name', 'description', 'model_type', 'page_size', 'landscape', 'merge', 'filters', 'filename_pattern', 'enabled', 'attach_to_model'],
    file: 'report.html',
    start: '<h1>{{ title }}</h1>\n<p>{{ reference }}</p>\n',
  }),
  empty: 'No report templates yet.',
});
