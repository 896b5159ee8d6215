import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('reportasset'),
  help: 'An asset is a file for use in templates, such as a logo, a font, or an image.',
  list: listed('reportasset'),
  columns: ['asset', 'description'],
  form: ['asset', 'description'],
  empty: 'No assets yet. Upload images and other files for use in templates.',
});
