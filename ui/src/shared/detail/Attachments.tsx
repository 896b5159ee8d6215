/** Files and links of a record, added by dropping them. */
import { ActionIcon, Anchor, Button, Card, Group, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconEdit, IconFile, IconLink, IconTrash, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { at, post, remove, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { confirm } from '../confirm';
import { openForm } from '../form/Form';
import { dateTime, quantity } from '../format';
import { failed, succeeded } from '../notify';
import { forEach } from '../progress';
import { useRefresh } from '../refresh';
import { readRows } from '../resource';

const MOST = 250;

interface Attachment extends Row {
  attachment: string | null;
  thumbnail: string | null;
  filename: string;
  link: string | null;
  comment: string;
  upload_date: string;
  file_size: number;
  is_image: boolean;
}

export default function Attachments({ model, pk }: { model: string; pk: number }) {
  const { t } = useTranslation();
  const may = useMay();
  const kind = kindOf(model);
  const canChange = may(kind, 'change');
  const refresh = useRefresh();
  const [isSending, setIsSending] = useState(false);
  const { data } = useQuery(readRows('/api/attachment/', { model_type: model, model_id: pk, limit: MOST }));
  const rows = (data?.results ?? []) as Attachment[];

  const send = async (files: File[]) => {
    setIsSending(true);
    try {
      const made: number[] = [];
      await forEach(translate('Upload files'), files, async (file) => {
        const form = new FormData();
        form.append('model_type', model);
        form.append('model_id', String(pk));
        form.append('attachment', file);
        made.push((await post<Row>('/api/attachment/', form)).pk);
      });
      await refresh();
      succeeded(translate('{{count}} files added', { count: files.length }), () => forEach(translate('Undo'), made, (pk) => remove(`/api/attachment/${pk}/`)).then(refresh));
    } catch (error) {
      failed(error);
    } finally {
      setIsSending(false);
    }
  };

  const done = (text: string) => async () => {
    await refresh();
    succeeded(translate(text));
  };
  const addLink = () =>
    openForm({ title: t('Add a link'), url: '/api/attachment/', fields: ['link', 'comment'], fixed: { model_type: model, model_id: pk }, submit: t('Add'), onDone: done('Link added') });
  const edit = (row: Attachment) =>
    openForm({ title: t('Edit {{name}}', { name: row.filename || row.link }), url: `/api/attachment/${row.pk}/`, method: 'PATCH', fields: row.attachment ? ['filename', 'comment'] : ['link', 'comment'], initial: row, onDone: done('Saved') });

  return (
    <Stack gap="sm">
      {canChange && (
        <>
          <Dropzone onDrop={(files) => void send(files)} loading={isSending} p="md" radius="md">
            <Group justify="center" gap="xs" mih={48} c="dimmed">
              <IconUpload size={20} />
              <Text size="sm">{t('Drop files here, or click to choose')}</Text>
            </Group>
          </Dropzone>
          <Group justify="flex-end">
            <Button size="xs" variant="default" leftSection={<IconLink size={16} />} onClick={addLink}>
              {t('Add a link')}
            </Button>
          </Group>
        </>
      )}
      {data && rows.length === 0 && !canChange && (
        <Text size="sm" c="dimmed">
          {t('Nothing here yet.')}
        </Text>
      )}
      {rows.map((row) => {
        const to = row.attachment ? at(row.attachment) : (row.link ?? '');
        return (
          <Card key={row.pk} withBorder padding="xs" radius="md">
            <Group wrap="nowrap" justify="space-between">
              <Group wrap="nowrap" gap="sm" miw={0}>
                {row.is_image && row.attachment ? (
                  <img src={at(row.thumbnail ?? row.attachment)} alt="" width={44} height={44} style={{ objectFit: 'cover', borderRadius: 6 }} />
                ) : row.link ? (
                  <IconLink size={24} stroke={1.4} />
                ) : (
                  <IconFile size={24} stroke={1.4} />
                )}
                <div style={{ minWidth: 0 }}>
                  <Anchor href={to} target="_blank" rel="noreferrer" size="sm" truncate display="block">
                    {row.filename || row.link || row.comment}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {[row.comment, row.file_size ? `${quantity(Math.ceil(row.file_size / 1000))} kB` : '', dateTime(row.upload_date)]
                      .filter(Boolean)
                      .join(' · ')}
                  </Text>
                </div>
              </Group>
              <Group gap={4} wrap="nowrap">
              {canChange && (
                <ActionIcon variant="subtle" color="gray" aria-label={t('Edit {{name}}', { name: row.filename || row.link })} onClick={() => edit(row)}>
                  <IconEdit size={16} />
                </ActionIcon>
              )}
              {may(kind, 'delete') && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('Delete {{name}}', { name: row.filename || row.link })}
                onClick={() =>
                  confirm({
                    title: t('Delete'),
                    text: t('Delete "{{name}}"? This cannot be undone.', { name: row.filename || row.link }),
                    submit: t('Delete'),
                    run: () => remove(`/api/attachment/${row.pk}/`).then(refresh),
                  })
                }
              >
                <IconTrash size={16} />
              </ActionIcon>
              )}
              </Group>
            </Group>
          </Card>
        );
      })}
    </Stack>
  );
}
