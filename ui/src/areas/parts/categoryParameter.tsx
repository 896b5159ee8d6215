import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

export default defineResource({
  kind: kind('partcategoryparametertemplate'),
  restores: {},
  columns: [{ name: 'template_detail.name', label: 'Parameter' }, 'default_value', { name: 'template_detail.units', label: 'Units' }, { name: 'category_detail.pathstring', label: 'Category' }],
  query: { category_detail: true },
  form: ['category', 'template', 'default_value'],
  empty: 'New parts in this category do not get any parameters yet.',
});
