/** A list as a file: the server writes it, with its progress shown here. */
import { Button, Menu, Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { at, get, type Query, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { failed } from '../notify';

interface Output extends Row {
  complete: boolean;
  progress: number;
  total: number;
  output: string | null;
  errors: unknown;
}

const FORMATS = ['csv', 'tsv', 'xlsx'];
const PAUSE = 700;

async function download(api: string, query: Query, format: string): Promise<void> {
  const id = notifications.show({ loading: true, autoClose: false, message: translate('Writing the file') });
  try {
    let output = await get<Output>(api, { ...query, export: true, export_format: format });
    while (!output.complete && !output.errors) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      output = await get<Output>(`/api/data-output/${output.pk}/`);
      const done = output.total ? (100 * output.progress) / output.total : 0;
      notifications.update({
        id,
        loading: true,
        autoClose: false,
        message: (
          <>
            <Text size="sm">{translate('Writing the file')}</Text>
            <Progress value={done} mt={6} aria-label={translate('Progress')} />
          </>
        ),
      });
    }
    if (output.errors) throw new Error(JSON.stringify(output.errors));
    if (output.output) {
      const link = document.createElement('a');
      link.href = output.output.startsWith('http') ? output.output : at(output.output);
      link.download = '';
      link.click();
    }
  } catch (error) {
    failed(error);
  } finally {
    notifications.hide(id);
  }
}

export function ExportMenu({ api, query }: { api: string; query: Query }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconDownload size={15} />}>
          {t('Export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => void download(api, query, format)}>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
