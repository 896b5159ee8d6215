/** A list as a file: the server writes it, with its progress shown here. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { get, type Query } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { failed } from '../notify';
import { type Output, save, waitFor } from '../output';
import { withProgress } from '../progress';

const FORMATS = ['csv', 'tsv', 'xlsx'];

const download = (api: string, query: Query, format: string): Promise<void> =>
  withProgress(translate('Writing the file'), async (tell) => {
    const first = await get<Output>(api, { ...query, export: true, export_format: format });
    const done = await waitFor(first, ({ progress, total }) => tell(progress, total || undefined));
    if (done?.output) save(done.output);
  });

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
          <Menu.Item key={format} onClick={() => void download(api, query, format).catch(failed)}>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
