import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('address'),
  restores: {},
  columns: ['title', 'primary', 'line1', 'line2', 'postal_code', 'postal_city', 'country'],
  deletesTogether: true,
});
