/** The notes of a record, in Markdown. */
import { Button, Card, Group, Stack, Text, Textarea, Typography } from '@mantine/core';
import { IconEdit } from '@tabler/icons-react';
import { useState } from 'react';
import { at, patch, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { useMay } from '@/app/session';
import type { Resource } from '../description';
import { Markdown } from '../Markdown';
import { failed, succeeded } from '../notify';
import { uploadNoteImage } from './noteImage';

interface Props {
  resource: Resource;
  row: Row;
  refresh: () => Promise<void>;
}

export default function Notes({ resource, row, refresh }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const [draft, setDraft] = useState<string | null>(null);
  const notes = typeof row.notes === 'string' ? row.notes : '';
  const url = `${resource.kind.api}${row.pk}/`;
  const save = async () => {
    try {
      await patch(url, { notes: draft });
      await refresh();
      setDraft(null);
      succeeded(t('Saved'), () => patch(url, { notes }).then(refresh));
    } catch (error) {
      failed(error);
    }
  };
  const paste = async (event: React.ClipboardEvent) => {
    const file = [...event.clipboardData.files].find((file) => file.type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    try {
      const path = await uploadNoteImage(file, resource.kind.model, row.pk);
      setDraft((draft) => `${draft ?? ''}\n![${file.name}](${at(path)})\n`);
    } catch (error) {
      failed(error);
    }
  };
  if (draft !== null) {
    return (
      <Stack gap="xs">
        <Textarea
          autosize
          minRows={12}
          aria-label={t('Notes')}
          description={t('Supports Markdown. You can paste images.')}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onPaste={(event) => void paste(event)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setDraft(null)}>
            {t('Cancel')}
          </Button>
          <Button onClick={() => void save()}>{t('Save')}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Card withBorder radius="md" padding="md">
      {notes ? (
        <Typography>
          <Markdown text={notes} />
        </Typography>
      ) : (
        <Text c="dimmed" size="sm">
          {t('No notes yet.')}
        </Text>
      )}
      {may(resource.kind, 'change') && (
        <Group mt="sm">
          <Button size="xs" variant="default" leftSection={<IconEdit size={15} />} onClick={() => setDraft(notes)}>
            {t('Edit')}
          </Button>
        </Group>
      )}
    </Card>
  );
}
