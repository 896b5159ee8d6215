/** Links a code that somebody else printed to a record, so that scanning it finds the record. */
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { ApiError, post, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import type { Context, Kind } from './description';
import { succeeded } from './notify';
import { useScans } from './scan';

interface Props {
  kind: Kind;
  row: Row;
  context: Context;
  onClose: () => void;
}

function LinkCode({ kind, row, context, onClose }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [error, setError] = useState('');
  useScans((scan) => {
    if (scan.command) return false;
    setCode(scan.code);
    return true;
  });
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    try {
      await post('/api/barcode/link/', { barcode: code, [kind.model]: row.pk });
      onClose();
      await context.refresh();
      succeeded(t('Barcode assigned'), () => post('/api/barcode/unlink/', { [kind.model]: row.pk }).then(context.refresh));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setError(error.fields.barcode?.join(' ') ?? error.message);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TextInput label={t('Code')} description={t('Scan or type the barcode.')} value={code} onChange={(event) => setCode(event.currentTarget.value)} error={error} data-autofocus />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" disabled={code === ''}>
            {t('Assign barcode')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function openLinkCode(kind: Kind, row: Row, context: Context): void {
  const id = modals.open({
    title: translate('Assign a barcode to {{name}}', { name: kind.title(row) }),
    children: <LinkCode kind={kind} row={row} context={context} onClose={() => modals.close(id)} />,
  });
}
