import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('reportasset'),
  help: 'An asset is a file that templates use: a logo, a font, a picture.',
  list: listed('reportasset'),
  columns: ['asset', 'description'],
  form: ['asset', 'description'],
  empty: 'No assets yet. Pictures and other files that templates show are kept here.',
});
