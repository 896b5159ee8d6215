import { IconEdit, IconPlus } from '@tabler/icons-react';
import { get, type Row } from '@/api/client';
import type { Field } from '@/api/options';
import { stateText, translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { defineResource, type FormFields } from '@/shared/description';
import { humanize } from '@/shared/format';
import { listed } from './listed';

interface States {
  status_class: string;
  values: Record<string, { key: number; label: string; custom?: boolean }>;
}

/** `PurchaseOrderStatus` -> `Purchase order`. */
const nameOf = (name: string) => humanize(name.replace(/Status$|Code$/, '').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

/** One choice says both which records the state is for, and which state of the program it behaves like. */
async function behaves(): Promise<Field> {
  const all = await get<Record<string, States>>('/api/generic/status/');
  const choices = Object.entries(all)
    .filter(([name]) => name.endsWith('Status') && !name.startsWith('DataImport'))
    .flatMap(([name, { values }]) =>
      Object.values(values)
        .filter((state) => !state.custom)
        .map((state) => ({ value: `${name}/${state.key}`, display_name: `${translate(nameOf(name))}: ${stateText(state.label)}` })),
    );
  return {
    type: 'choice',
    label: 'Treated as',
    help_text: 'Records in the custom state are treated like records in this state.',
    required: true,
    read_only: false,
    choices,
  };
}

const fieldsOf = (behaves: Field): FormFields => [
  { name: 'behaves', field: behaves },
  { name: 'key', field: { help_text: 'A number that is unique among the states of these records.' } },
  'label',
  { name: 'name', field: { help_text: 'For use in programs: capital letters and underscores, such as IN_REWORK.' } },
  'color',
];

const spread = ({ behaves, ...values }: Record<string, unknown>) => {
  if (typeof behaves !== 'string') return values;
  const [model, key] = behaves.split('/');
  return { ...values, reference_status: model, logical_key: Number(key) };
};

const initial = (row: Row) => ({ ...row, behaves: `${String(row.reference_status)}/${String(row.logical_key)}` });


export default defineResource({
  kind: kind('customstatus'),
  help: 'A custom state refines a built-in state, such as "In quarantine". It follows the rules of the built-in state.',
  list: listed('customstatus'),
  columns: [
    'label',
    { name: 'reference_status', label: 'For', render: (row) => translate(nameOf(String(row.reference_status ?? ''))) },
    'key',
    { name: 'logical_key', label: 'Treated as' },
    'name',
    'color',
  ],
  sort: 'key',
  canCreate: false,
  canEdit: false,
  actions: [
    formAction({
      name: 'make',
      isReversible: true,
      label: 'New',
      icon: IconPlus,
      needs: 'add',
      on: ['list'],
      form: async () => ({
        title: translate('New: {{name}}', { name: translate('Custom state') }),
        url: '/api/generic/status/custom/',
        fields: fieldsOf(await behaves()),
        submit: translate('Create'),
        transform: spread,
      }),
    }),
    formAction({
      name: 'change',
      isReversible: true,
      label: 'Edit',
      icon: IconEdit,
      needs: 'change',
      on: ['row'],
      form: async ([row]) => ({
        url: `/api/generic/status/custom/${row?.pk ?? 0}/`,
        method: 'PATCH',
        fields: fieldsOf(await behaves()),
        ...(row && { initial: initial(row) }),
        submit: translate('Save'),
        transform: spread,
      }),
    }),
  ],
  empty: 'No custom states yet. Add one to refine a built-in state, such as "In rework".',
});
