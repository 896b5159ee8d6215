import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('contact'),
  restores: {},
  columns: ['name', 'role', 'email', 'phone', 'company'],
  sort: 'name',
  deletesTogether: true,
});
