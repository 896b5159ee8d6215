/** Which column goes into which field, with what stands in the file. */
import { Alert, Badge, Box, Button, Group, Paper, Select, SimpleGrid, Stack, Switch, Table, Text } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ApiError, patch, post } from '@/api/client';
import { metadata } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { cellsOf } from '@/shared/delimited';
import { FieldInput } from '@/shared/form/FieldInput';
import { failed } from '@/shared/notify';
import { FormatInputs } from './FormatInputs';
import { type ImportField, type Mapping, MAPPINGS, missingFields, type Session, SESSIONS, settingsOf, suggestion } from './session';

const PREVIEW_ROWS = 6;
const PREVIEW_BYTES = 60_000;

/** The first rows of a text file; of other files the server alone knows them. */
function usePreview(session: Session): string[][] {
  const { data } = useQuery({
    queryKey: ['import-preview', session.pk, session.file_format?.separator, session.file_format?.encoding, session.file_format?.header_row],
    queryFn: async () => {
      if (!/\.(csv|tsv|txt)$/i.test(session.data_file)) return [];
      const answer = await fetch(session.data_file, { headers: { Range: `bytes=0-${PREVIEW_BYTES}` } });
      if (!answer.ok) return [];
      const { separator, encoding, header_row } = session.file_format ?? {};
      const text = new TextDecoder(typeof encoding === 'string' ? encoding : 'utf-8').decode(await answer.arrayBuffer());
      const above = typeof header_row === 'number' ? header_row - 1 : 0;
      return cellsOf(text, typeof separator === 'string' ? separator : undefined, above + PREVIEW_ROWS + 1).slice(above);
    },
    staleTime: Infinity,
  });
  return data ?? [];
}

interface LineProps {
  session: Session;
  mapping: Mapping;
  samples: Map<string, string[]>;
  onError: (error: unknown) => void;
}

function Line({ session, mapping, samples, onError }: LineProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const field = session.available_fields[mapping.field] as ImportField | undefined;
  if (!field) return null;
  const reread = () => client.invalidateQueries({ queryKey: ['import', session.pk] });
  const taken = new Set(session.column_mappings.filter((other) => other.pk !== mapping.pk).map((other) => other.column));
  const isMissing = missingFields(session).includes(mapping.field);
  const given = session.field_defaults?.[mapping.field];
  const change = (body: unknown) => patch(`${MAPPINGS}${mapping.pk}/`, body).then(reread, onError);
  const setDefault = (value: unknown) => {
    const defaults = { ...session.field_defaults, [mapping.field]: value };
    if (value === null || value === '') delete defaults[mapping.field];
    client.setQueryData(['import', session.pk], { ...session, field_defaults: defaults });
    void patch(`${SESSIONS}${session.pk}/`, { field_defaults: defaults }).catch(onError);
  };
  const values = samples.get(mapping.column) ?? [];
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={field.required ? 600 : 400}>
          {t(mapping.label || field.label)}
          {field.required && <Text span c="red"> *</Text>}
        </Text>
        {isMissing && <Text size="xs" c="red">{t('Choose a column or enter a value.')}</Text>}
      </Table.Td>
      <Table.Td>
        <Select
          size="xs"
          aria-label={t('Column for {{field}}', { field: t(mapping.label || field.label) })}
          placeholder={t('No column')}
          data={session.columns.map((column) => ({ value: column, label: column, disabled: taken.has(column) }))}
          value={mapping.column || null}
          onChange={(column) => void change({ column: column ?? '' })}
          searchable
          clearable
        />
      </Table.Td>
      <Table.Td>
        {mapping.column && field.lookup_fields && field.lookup_fields.length > 1 ? (
          <Select
            size="xs"
            aria-label={t('Look up by')}
            data={[{ value: '', label: t('Any name') }, ...field.lookup_fields.map((name) => ({ value: name, label: name === 'pk' ? t('ID') : name }))]}
            value={mapping.lookup_field ?? ''}
            allowDeselect={false}
            onChange={(name) => void change({ lookup_field: name ?? '' })}
          />
        ) : null}
      </Table.Td>
      <Table.Td>
        <FieldInput isBare name={`default.${mapping.field}`} field={{ ...field, required: false, read_only: false, label: `${field.label}: ${t('otherwise')}` }} value={given ?? null} onChange={setDefault} />
      </Table.Td>
      <Table.Td maw={240}>
        <Text size="xs" c="dimmed" truncate title={values.join('\n')}>
          {values.filter(Boolean).slice(0, 3).join(' · ')}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

export function Columns({ session }: { session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const preview = usePreview(session);
  const { data: options } = useQuery(metadata(SESSIONS));
  const [hasAll, setHasAll] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState('');
  const reread = () => client.invalidateQueries({ queryKey: ['import', session.pk] });
  const missing = missingFields(session);
  const samples = useMemo(() => {
    const [names = [], ...rows] = preview;
    return new Map(names.map((name, at) => [name.trim(), rows.map((row) => row[at] ?? '')]));
  }, [preview]);

  const taken = new Set(session.column_mappings.map((mapping) => mapping.column).filter(Boolean));
  const suggestions: { mapping: Mapping; column: string }[] = [];
  const promised = new Set(taken);
  for (const mapping of session.column_mappings) {
    if (mapping.column) continue;
    const column = suggestion(session.columns, promised, mapping.field, mapping.label ?? '');
    if (!column) continue;
    promised.add(column);
    suggestions.push({ mapping, column });
  }
  const suggested = new Set(suggestions.map(({ mapping }) => mapping.pk));
  const overridden = session.field_overrides ?? {};
  const lines = session.column_mappings.filter(
    (mapping) =>
      !(mapping.field in overridden) &&
      (hasAll || mapping.column || suggested.has(mapping.pk) || session.available_fields[mapping.field]?.required || missing.includes(mapping.field)),
  );
  const unused = session.columns.filter((column) => !taken.has(column));
  const settings = settingsOf(options?.actions?.POST ?? {});
  const show = (error: unknown) => setError(error instanceof ApiError ? error.message : String(error));

  const takeSuggestions = async () => {
    for (const { mapping, column } of suggestions) await patch(`${MAPPINGS}${mapping.pk}/`, { column });
    await reread();
  };
  const accept = async () => {
    setIsSending(true);
    setError('');
    try {
      await post(`${SESSIONS}${session.pk}/accept_fields/`);
      await reread();
    } catch (error) {
      show(error);
    } finally {
      setIsSending(false);
    }
  };

  return (
    <Stack gap="sm">
      {error && <Alert color="red">{error}</Alert>}
      {settings.length > 0 && (
        <Paper withBorder p="sm">
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            {settings.map(([name, field]) => (
              <FieldInput
                key={name}
                name={name}
                field={field}
                value={session[name] ?? field.default ?? null}
                onChange={(value) => void patch(`${SESSIONS}${session.pk}/`, { [name]: value }).then(reread, show)}
              />
            ))}
          </SimpleGrid>
        </Paper>
      )}
      {session.file_format && <FormatInputs session={session} onError={show} />}
      {suggestions.length > 0 && (
        <Alert color="blue" icon={<IconSparkles size={18} />} p="xs">
          <Group justify="space-between" gap="xs">
            <Group gap={6}>
              {suggestions.map(({ mapping, column }) => (
                <Badge key={mapping.pk} variant="light" tt="none" size="lg" radius="sm">
                  {column} → {t(mapping.label ?? mapping.field)}
                </Badge>
              ))}
            </Group>
            <Button size="xs" onClick={() => void takeSuggestions().catch(failed)}>
              {t('Use suggestions')}
            </Button>
          </Group>
        </Alert>
      )}
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing={5}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Field')}</Table.Th>
              <Table.Th w={210}>{t('Column in the file')}</Table.Th>
              <Table.Th w={130}>{t('Look up by')}</Table.Th>
              <Table.Th w={200}>{t('Otherwise')}</Table.Th>
              <Table.Th>{t('In the file')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((mapping) => (
              <Line key={mapping.pk} {...{ session, mapping, samples }} onError={show} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {preview.length > 1 && (
        <Box>
          <Text size="sm" fw={600} mb={4}>
            {t('First rows of the file')}
          </Text>
          <Table.ScrollContainer minWidth={500}>
            <Table fz="xs" verticalSpacing={3} withTableBorder withColumnBorders>
              <Table.Thead>
                <Table.Tr>
                  {preview[0]?.map((name, at) => <Table.Th key={at} c={taken.has(name.trim()) ? undefined : 'dimmed'}>{name}</Table.Th>)}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {preview.slice(1).map((row, at) => (
                  <Table.Tr key={at}>{preview[0]?.map((_, column) => <Table.Td key={column}>{row[column] ?? ''}</Table.Td>)}</Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Box>
      )}
      <Group justify="space-between">
        <Group gap="md">
          <Switch size="xs" label={t('All fields')} checked={hasAll} onChange={(event) => setHasAll(event.currentTarget.checked)} />
          {unused.length > 0 && <Text size="xs" c="dimmed">{t('Not imported: {{columns}}', { columns: unused.join(', ') })}</Text>}
        </Group>
        <Button onClick={() => void accept()} loading={isSending} disabled={missing.length > 0}>
          {t('Read rows')}
        </Button>
      </Group>
    </Stack>
  );
}
