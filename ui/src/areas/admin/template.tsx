/** Templates: files of text that are written in the page. */
import { IconFileText, IconListDetails, IconPlus, IconSettings, IconTemplate } from '@tabler/icons-react';
import { lazy } from 'react';
import { post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind, linkTo } from '@/app/registry';
import type { Action, Context, FormFields, Printing, Resource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { openForm } from '@/shared/form/Form';
import { succeeded } from '@/shared/notify';
import { useResource } from '@/shared/resource';

interface Spec {
  model: string;
  /** Field that has the file. */
  field: string;
  /** The other fields. */
  form: FormFields;
  /** Name of a new file. */
  file: string;
  /** What a new file begins with. */
  start: string;
  /** What is printed with it. */
  printing?: Printing;
}

const TemplateEditor = lazy(() => import('./editor/TemplateEditor'));
const fileOf = (text: string, name: string) => new File([text], name, { type: 'text/html' });

/** A name that no other file has: that of the template, and the time. */
const newName = (name: unknown, file: string): string => {
  const [stem = '', ending = ''] = file.split('.');
  const words = String(name ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return `${words || stem}_${Date.now().toString(36)}.${ending}`;
};

function Details({ model, row }: { model: string; row: Row }) {
  return <Panels resource={useResource(model)} row={row} />;
}

/** Tab, forms and actions of a kind whose rows are such files. */
export function templateParts(spec: Spec): Partial<Resource> {
  const settings = (row: Row, context: Context) =>
    openForm({
      title: translate('Edit {{name}}', { name: kind(spec.model).title(row) }),
      url: `${kind(spec.model).api}${row.pk}/`,
      method: 'PATCH',
      fields: [...spec.form, { name: spec.field, label: 'Replace the file' }],
      initial: { ...row, [spec.field]: null },
      onDone: context.refresh,
    });
  const change: Action = {
    name: 'change',
    label: 'Settings',
    icon: IconSettings,
    needs: 'change',
    on: ['row'],
    isMain: true,
    run: ([row], context) => row && settings(row, context),
  };
  const make: Action = {
    name: 'make',
    label: 'New',
    icon: IconPlus,
    needs: 'add',
    on: ['list'],
    run: (_, context) =>
      openForm({
        title: translate('New: {{name}}', { name: translate(kind(spec.model).name) }),
        url: kind(spec.model).api,
        fields: [...spec.form, { name: spec.field, label: 'File', field: { required: false, help_text: 'Leave empty to write it here.' } }],
        submit: translate('Create'),
        transform: (values) => (values[spec.field] ? values : { ...values, [spec.field]: fileOf(spec.start, newName(values.name, spec.file)) }),
        onDone: async (answer) => {
          await context.refresh();
          const { pk } = answer as { pk: number };
          context.go(linkTo(kind(spec.model), pk, 'template'));
        },
      }),
  };
  const addDefaults: Action = {
    name: 'defaults',
    label: 'Add the default templates',
    icon: IconTemplate,
    needs: 'add',
    on: ['list'],
    run: async (_, context) => {
      const { added } = await post<{ added: number }>('/api/report/defaults/');
      await context.refresh();
      succeeded(added ? translate('{{count}} templates added', { count: added }) : translate('All default templates are there.'));
    },
  };
  return {
    tabs: [
      { name: 'template', label: 'Template', icon: IconFileText, content: (props) => <TemplateEditor key={props.row.pk} spec={spec} {...props} /> },
      { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Details model={spec.model} row={row} /> },
    ],
    actions: [make, change, ...(spec.printing ? [addDefaults] : [])],
    canCreate: false,
    canEdit: false,
  };
}
