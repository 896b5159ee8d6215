import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  restores: {},
  kind: kind('customunit'),
  help: 'Custom units supplement the built-in ones. Each has a name and a definition in terms of other units, such as 12 inch.',
  list: listed('customunit'),
  columns: ['name', 'symbol', 'definition'],
  sort: 'name',
  form: ['name', 'symbol', { name: 'definition', field: { help_text: 'In terms of existing units, such as "12 inch" or "1000 piece".' } }],
  empty: 'No custom units. Common units such as meters, grams, and volts are built in.',
});
