/** Names in a file that no record has: each is made or chosen once, for all rows that have it. */
import { Badge, Button, Card, Group, Progress, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, page, patch, post, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf, resourceOf } from '@/app/registry';
import { useMay } from '@/app/session';
import type { Kind } from '@/shared/description';
import { openForm } from '@/shared/form/Form';
import { failed } from '@/shared/notify';
import { RelatedInput } from '@/shared/RelatedInput';
import { type ImportField, type ImportRow, type MissingName, missingNames, ROWS, type Session } from './session';

const MOST = 1_000;
/** Names that are shown at a time. */
const SHOWN = 8;

/** The field by which people name a record. */
const NAMED_BY: Record<string, string> = { supplierpart: 'SKU', manufacturerpart: 'MPN', projectcode: 'code', purchaseorder: 'reference', salesorder: 'reference', build: 'reference' };

/** What a new record is given beside its name: a supplier is a company that supplies. */
const given = (field: ImportField, kind: Kind, text: string) => ({ ...field.filters, [NAMED_BY[kind.model] ?? 'name']: text });

interface LineProps {
  name: MissingName;
  field: ImportField;
  onChosen: (name: MissingName, pk: number) => Promise<void>;
}

/** Makes a record of that name; asks for more where the name alone does not do. */
async function make(kind: Kind, values: Record<string, unknown>): Promise<number | null> {
  try {
    return (await post<Row>(kind.api, values)).pk;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
  }
  const resource = await resourceOf(kind);
  const fields = resource.createForm ?? resource.form;
  return new Promise((resolve) => {
    openForm({
      title: `${kind.name}: ${String(values[NAMED_BY[kind.model] ?? 'name'])}`,
      url: kind.api,
      ...(fields && { fields }),
      initial: values,
      onDone: (answer) => resolve((Array.isArray(answer) ? (answer[0] as Row) : (answer as Row)).pk),
    });
  });
}

function Line({ name, field, onChosen }: LineProps) {
  const { t } = useTranslation();
  const may = useMay();
  const kind = kindOf(field.model);
  const [isMaking, setIsMaking] = useState(false);
  const create = async () => {
    if (!kind) return;
    setIsMaking(true);
    try {
      const pk = await make(kind, given(field, kind, name.text));
      if (pk !== null) await onChosen(name, pk);
    } catch (error) {
      failed(error);
    } finally {
      setIsMaking(false);
    }
  };
  return (
    <Group gap="xs" wrap="wrap" justify="space-between">
      <Group gap={8} miw={0} style={{ flex: '1 1 220px' }}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name.text}
        </Text>
        <Badge size="sm" variant="default" tt="none" radius="sm" fw={500}>
          {t('{{count}} rows', { count: name.rows.length })}
        </Badge>
      </Group>
      <Group gap={6} wrap="nowrap">
        {kind?.load && may(kind, 'add') && (
          <Button size="xs" variant="light" leftSection={<IconPlus size={15} />} loading={isMaking} onClick={() => void create()} aria-label={t('Create {{name}}', { name: name.text })}>
            {t('Create')}
          </Button>
        )}
        <div style={{ width: 220 }}>
          <RelatedInput
            size="xs"
            model={field.model}
            api={field.api_url}
            filters={field.filters}
            value={null}
            placeholder={t('Choose one')}
            aria-label={t('{{field}} instead of {{name}}', { field: t(field.label), name: name.text })}
            onChange={(value) => typeof value === 'number' && void onChosen(name, value).catch(failed)}
          />
        </div>
      </Group>
    </Group>
  );
}

export function Names({ session }: { session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);
  const [isWhole, setIsWhole] = useState(false);
  const { data } = useQuery({
    queryKey: ['import', session.pk, 'rows', 'names'],
    queryFn: () => page<ImportRow>(ROWS, { session: session.pk, valid: false, complete: false, limit: MOST }),
  });
  const names = missingNames(session, data?.results ?? []);
  if (names.length === 0 && progress === null) return null;
  const choose = async (name: MissingName, pk: number) => {
    setProgress(0);
    try {
      for (const [at, row] of name.rows.entries()) {
        await patch(`${ROWS}${row.pk}/`, { data: { ...row.data, [name.field]: pk } });
        setProgress((100 * (at + 1)) / name.rows.length);
      }
    } finally {
      setProgress(null);
      await client.invalidateQueries({ queryKey: ['import', session.pk] });
    }
  };
  const shown = isWhole ? names : names.slice(0, SHOWN);
  const fields = [...new Set(shown.map((name) => name.field))];
  return (
    <Card withBorder padding="sm">
      <Text size="sm" fw={600} component="h2" mb={2}>
        {t('Unknown names')}
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        {t('Create a record with that name, or choose an existing one. Your choice applies to all rows with the name.')}
      </Text>
      {progress !== null && <Progress value={progress} size="sm" mb="xs" aria-label={t('Progress')} />}
      <Stack gap={6} style={{ maxHeight: 260, overflowY: 'auto' }}>
        {fields.map((name) => {
          const field = session.available_fields[name] as ImportField;
          return (
            <Stack gap={6} key={name}>
              {fields.length > 1 && (
                <Text size="xs" c="dimmed" fw={600}>
                  {t(field.label)}
                </Text>
              )}
              {shown.filter((entry) => entry.field === name).map((entry) => (
                <Line key={entry.text} name={entry} field={field} onChosen={choose} />
              ))}
            </Stack>
          );
        })}
      </Stack>
      {names.length > SHOWN && !isWhole && (
        <Button size="compact-xs" variant="subtle" mt={6} onClick={() => setIsWhole(true)}>
          {t('All ({{count}})', { count: names.length })}
        </Button>
      )}
    </Card>
  );
}
