import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';
import { templateParts } from './template';

export default defineResource({
  kind: kind('labeltemplate'),
  help: 'A label template defines the layout of labels: HTML with the template language, and the size in millimeters. You can print labels from any list or detail page.',
  list: listed('labeltemplate'),
  columns: ['name', 'model_type', 'description', 'width', 'height', 'enabled', 'updated'],
  sort: 'name',
  ...templateParts({
    model: 'labeltemplate',
    field: 'template',
    printing: 'label',
    form: ['name', 'description', 'model_type', 'width', 'height', 'filters', 'filename_pattern', 'enabled', 'attach_to_model'],
    file: 'label.html',
    start: '<div class="label">\n  <strong>{{ part.name }}</strong>\n  <img src="{% qrcode qr_data %}" alt="">\n</div>\n',
  }),
  empty: 'No label templates yet.',
});
