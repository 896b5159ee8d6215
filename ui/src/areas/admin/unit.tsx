import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { listed } from './listed';

export default defineResource({
  kind: kind('customunit'),
  help: 'Units of your own, beside those that are known: a name, and how it is made of other units, such as 12 inch.',
  list: listed('customunit'),
  columns: ['name', 'symbol', 'definition'],
  sort: 'name',
  form: ['name', 'symbol', { name: 'definition', field: { help_text: 'In terms of known units, such as "12 inch" or "1000 piece".' } }],
  empty: 'No units of your own. Meters, grams, volts and all other usual units are known already.',
});
