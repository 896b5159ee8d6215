/** Templates: files of text that are written in the page. */
import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Textarea } from '@mantine/core';
import { IconEdit, IconFileText, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { at, call } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind, linkTo } from '@/app/registry';
import { useMay } from '@/app/session';
import type { Action, FormFields, Resource, TabProps } from '@/shared/description';
import { openForm } from '@/shared/form/Form';
import { failed, succeeded } from '@/shared/notify';
import classes from './Frame.module.css';

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
}

const fileName = (value: unknown, otherwise: string) => String(value ?? '').split('/').pop() || otherwise;
const fileOf = (text: string, name: string) => new File([text], name, { type: 'text/html' });

async function readText(address: string): Promise<string> {
  const response = await fetch(at(address.replace(/^https?:\/\/[^/]+/, '')), { credentials: 'same-origin' });
  if (!response.ok) throw new Error(translate('The file of this template cannot be read ({{status}}).', { status: response.status }));
  return response.text();
}

function Editor({ spec, row, refresh }: { spec: Spec } & TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { api } = kind(spec.model);
  const address = String(row[spec.field] ?? '');
  const { data, error } = useQuery({
    queryKey: ['template', address, row.revision],
    queryFn: () => readText(address),
    enabled: address !== '',
    staleTime: Infinity,
  });
  const [text, setText] = useState<string | null>(null);
  const [fault, setFault] = useState('');
  const [isSaving, setIsSaving] = useState(false);
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (data === undefined) return <Skeleton height={360} />;
  const isChanged = text !== null && text !== data;
  const canChange = may(kind(spec.model), 'change');
  const save = async () => {
    if (!isChanged) return;
    setFault('');
    setIsSaving(true);
    try {
      const body = new FormData();
      body.append(spec.field, fileOf(text, fileName(address, spec.file)));
      await call('PATCH', `${api}${row.pk}/`, { body });
      await refresh();
      setText(null);
      succeeded(translate('Saved'));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setIsSaving(false);
    }
  };
  return (
    <Stack gap={8} style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between">
        <Anchor href={at(address)} target="_blank" size="sm">
          {fileName(address, spec.file)}
        </Anchor>
        {canChange && (
          <Group gap={8}>
            {isChanged && (
              <Text size="xs" c="dimmed">
                {t('Not saved yet')}
              </Text>
            )}
            <Button size="xs" variant="default" disabled={!isChanged} onClick={() => setText(null)}>
              {t('Discard')}
            </Button>
            <Button size="xs" disabled={!isChanged} loading={isSaving} onClick={() => void save()}>
              {t('Save')}
            </Button>
          </Group>
        )}
      </Group>
      {fault && (
        <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>
          {fault}
        </Alert>
      )}
      <Textarea
        className={classes.text}
        aria-label={t('Text of the template')}
        autosize
        minRows={18}
        maxRows={40}
        spellCheck={false}
        readOnly={!canChange}
        value={text ?? data}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if ((event.ctrlKey || event.metaKey) && event.key === 's') {
            event.preventDefault();
            save().catch(failed);
          }
        }}
      />
    </Stack>
  );
}

/** Tab, forms and actions of a kind whose rows are such files. */
export function templateParts(spec: Spec): Partial<Resource> {
  const change: Action = {
    name: 'change',
    label: 'Edit',
    icon: IconEdit,
    needs: 'change',
    on: ['row'],
    run: ([row], context) =>
      row &&
      openForm({
        title: translate('Edit {{name}}', { name: kind(spec.model).title(row) }),
        url: `${kind(spec.model).api}${row.pk}/`,
        method: 'PATCH',
        fields: [...spec.form, { name: spec.field, label: 'Replace the file' }],
        initial: { ...row, [spec.field]: null },
        onDone: context.refresh,
      }),
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
        transform: (values) => (values[spec.field] ? values : { ...values, [spec.field]: fileOf(spec.start, spec.file) }),
        onDone: async (answer) => {
          await context.refresh();
          const { pk } = answer as { pk: number };
          context.go(linkTo(kind(spec.model), pk, 'template'));
        },
      }),
  };
  return {
    tabs: [{ name: 'template', label: 'Template', icon: IconFileText, content: (props) => <Editor key={props.row.pk} spec={spec} {...props} /> }],
    actions: [make, change],
    canCreate: false,
    canEdit: false,
  };
}
