/** A list as a file: the server writes it, with its progress shown here. */
import { Button, Menu, Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { get, type Query } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { failed } from '../notify';
import { type Output, percentOf, save, waitFor } from '../output';

const FORMATS = ['csv', 'tsv', 'xlsx'];

async function download(api: string, query: Query, format: string): Promise<void> {
  const id = notifications.show({ loading: true, autoClose: false, message: translate('Writing the file') });
  try {
    const first = await get<Output>(api, { ...query, export: true, export_format: format });
    const done = await waitFor(first, (output) =>
      notifications.update({
        id,
        loading: true,
        autoClose: false,
        message: (
          <>
            <Text size="sm">{translate('Writing the file')}</Text>
            <Progress value={percentOf(output) ?? 0} mt={6} aria-label={translate('Progress')} />
          </>
        ),
      }),
    );
    if (done?.output) save(done.output);
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
