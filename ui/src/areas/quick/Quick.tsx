/** Quick entry: type, tab, enter, next; or paste from a spreadsheet. */
import { ActionIcon, Alert, Button, Group, MultiSelect, Progress, Select, Skeleton, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { ApiError, post, type Row } from '@/api/client';
import { type Field, metadata } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { kindOf, kinds } from '@/app/registry';
import { useMay } from '@/app/session';
import { cellsOf } from '@/shared/delimited';
import type { Kind } from '@/shared/description';
import { FieldInput } from '@/shared/form/FieldInput';
import { readyFields } from '@/shared/form/values';
import { usePreference } from '@/shared/preference';
import { RecordLink } from '@/shared/RecordLink';
import { useRefresh } from '@/shared/refresh';
import { useResource } from '@/shared/resource';
import { headed, isEmpty, isText, keptOf, keyOf, type Line, newLine, pasted, type Values } from './rows';

/** What is asked for at first, where it is there. */
const USUAL: Record<string, string[]> = {
  part: ['name', 'description', 'IPN', 'category', 'units', 'default_location'],
  stockitem: ['part', 'quantity', 'location', 'batch'],
  stocklocation: ['name', 'description', 'parent'],
  partcategory: ['name', 'description', 'parent'],
  company: ['name', 'description', 'website', 'email'],
  supplierpart: ['part', 'supplier', 'SKU', 'description'],
};
const FORMATS = new Set(['file upload', 'image upload', 'nested object', 'field']);
const MOST_ROWS = 500;

function useColumns(kind: Kind) {
  const resource = useResource(kind.model);
  const { data } = useQuery(metadata(kind.api));
  const fields = useMemo(() => data?.actions?.POST ?? {}, [data]);
  const choices = useMemo(
    () => readyFields(fields, resource.createForm ?? resource.form).filter(({ field, hidden }) => !hidden && !FORMATS.has(field.type)),
    [fields, resource],
  );
  const usual = USUAL[kind.model] ?? [];
  const first = choices.filter(({ name, field }) => usual.includes(name) || field.required).map(({ name }) => name);
  first.sort((a, b) => (usual.indexOf(a) + 1 || 99) - (usual.indexOf(b) + 1 || 99));
  const [chosen, setChosen] = usePreference<string[]>(`quick.${kind.model}`, []);
  const names = chosen.length > 0 ? chosen.filter((name) => choices.some((choice) => choice.name === name)) : first;
  return { isReady: Boolean(data), fields, choices, names, setChosen };
}

interface CellProps {
  name: string;
  field: Field;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function Cell({ name, field, value, error, onChange }: CellProps) {
  if (isText(field, value)) {
    return <TextInput size="xs" aria-label={field.label} value={value} error={error} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return <FieldInput isBare name={name} field={field} value={value ?? null} error={error} onChange={onChange} />;
}

function Grid({ kind, given }: { kind: Kind; given: Values }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const { isReady, fields, choices, names, setChosen } = useColumns(kind);
  const [lines, setLines] = useState<Line[]>(() => [newLine()]);
  const [kept, setKept] = useState<Values>({});
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  const [text, setText] = useState('');
  const root = useRef<HTMLTableSectionElement>(null);
  if (!isReady) return <Skeleton height={240} />;
  const columns = names.filter((name) => !(name in given)).flatMap((name) => choices.find((choice) => choice.name === name) ?? []);

  const change = (id: number, news: Partial<Line>) => setLines((lines) => lines.map((line) => (line.id === id ? { ...line, ...news } : line)));
  const focus = (id: number) =>
    setTimeout(() => root.current?.querySelector<HTMLInputElement>(`tr[data-line="${id}"] input:not([type=hidden])`)?.focus(), 30);

  /** Makes the record of a line. */
  const save = async (line: Line): Promise<boolean> => {
    change(line.id, { state: 'busy', errors: {} });
    const body: Values = { ...given };
    const errors: Record<string, string[]> = {};
    for (const [name, value] of Object.entries(line.values)) {
      if (value === null || value === undefined || value === '') continue;
      const field = fields[name];
      body[name] = value;
      if (!field || !isText(field, value)) continue;
      try {
        body[name] = await keyOf(field, value);
      } catch (error) {
        errors[name] = [t((error as Error).message)];
      }
    }
    try {
      if (Object.keys(errors).length > 0) throw new ApiError(400, '', errors);
      const answer = await post<Row | Row[]>(kind.api, body);
      const made = Array.isArray(answer) ? answer[0] : answer;
      change(line.id, { state: 'done', values: line.values, ...(made && { made }) });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      change(line.id, { state: 'open', errors: Object.keys(error.fields).length > 0 ? error.fields : { '': [error.message] } });
      return false;
    }
  };

  const next = async (line: Line) => {
    const begins = keptOf(line.values, names);
    setKept(begins);
    const after = lines[lines.findIndex((other) => other.id === line.id) + 1];
    const fresh = after ?? newLine(begins);
    if (!after) setLines((lines) => [...lines, fresh]);
    focus(fresh.id);
    await save(line);
  };

  const saveAll = async () => {
    const open = lines.filter((line) => line.state === 'open' && !isEmpty(line, kept));
    setProgress({ done: 0, total: open.length });
    for (const [at, line] of open.entries()) {
      await save(line);
      setProgress({ done: at + 1, total: open.length });
    }
    setProgress(null);
    await refresh();
  };

  const paste = (text: string, at: number, from: number) => {
    const cells = cellsOf(text, '\t', MOST_ROWS);
    const named = headed(cells, fields);
    if (!named) return setLines((lines) => pasted(lines, cells, at, names, from, kept));
    // columns that the file names are shown, too
    const all = [...names, ...named.names.filter((name) => !names.includes(name) && choices.some((choice) => choice.name === name))];
    if (all.length > names.length) setChosen(all);
    setLines((lines) => pasted(lines, named.rows, at, named.names, 0, kept));
  };

  const open = lines.filter((line) => line.state === 'open' && !isEmpty(line, kept));
  const done = lines.filter((line) => line.state === 'done');
  return (
    <Stack gap="sm" style={{ minHeight: 0 }}>
      <Group justify="space-between" gap="sm" align="flex-end">
        <MultiSelect
          size="xs"
          label={t('Columns')}
          flex={1}
          maw={720}
          data={choices.map(({ name, field }) => ({ value: name, label: t(field.label) }))}
          value={names}
          onChange={(chosen) => setChosen(chosen)}
          searchable
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed" role="status">{t('{{count}} saved', { count: done.length })}</Text>
          <Button size="xs" onClick={() => void saveAll()} disabled={open.length === 0} loading={progress !== null}>
            {t('Save {{count}} rows', { count: open.length })}
          </Button>
        </Group>
      </Group>
      {progress && <Progress value={(100 * progress.done) / Math.max(1, progress.total)} aria-label={t('Progress')} />}
      <Text size="xs" c="dimmed">
        {t('Press Enter to save the row and go to the next one. You can paste rows from a spreadsheet into any cell, with or without a header row.')}
      </Text>
      <Table.ScrollContainer minWidth={Math.max(360, columns.length * 150)}>
        <Table verticalSpacing={3} horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={36} aria-label={t('State')} />
              {columns.map(({ name, field }) => (
                <Table.Th key={name} miw={130}>
                  {t(field.label)}
                  {field.required && <Text span c="red"> *</Text>}
                </Table.Th>
              ))}
              <Table.Th w={36} aria-label={t('Remove')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody ref={root}>
            {lines.map((line, at) => (
              <Table.Tr
                key={line.id}
                data-line={line.id}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || event.defaultPrevented || line.state !== 'open') return;
                  event.preventDefault();
                  void next(line);
                }}
                onPaste={(event) => {
                  const text = event.clipboardData.getData('text/plain');
                  if (!/[\t\n]/.test(text.trim())) return;
                  event.preventDefault();
                  const cell = (event.target as Element).closest('td');
                  paste(text, at, Math.max(0, (cell?.cellIndex ?? 1) - 1));
                }}
              >
                <Table.Td valign="top">
                  {line.state === 'done' ? <IconCheck size={18} color="var(--mantine-color-green-7)" aria-label={t('Saved')} /> : <Text size="xs" c="dimmed" mt={6}>{at + 1}</Text>}
                </Table.Td>
                {line.state === 'done' ? (
                  <Table.Td colSpan={columns.length} py={6}>
                    {line.made && kind.load ? (
                      <RecordLink model={kind.model} pk={line.made.pk}>{madeTitle(kind, line.made)}</RecordLink>
                    ) : (
                      t('Saved')
                    )}
                  </Table.Td>
                ) : (
                  columns.map(({ name, field }) => (
                    <Table.Td key={name} valign="top">
                      <Cell
                        name={name}
                        field={field}
                        value={line.values[name]}
                        error={line.errors[name]?.join(' ')}
                        onChange={(value) => setLines((lines) => lines.map((other) => (other.id === line.id ? { ...other, values: { ...other.values, [name]: value } } : other)))}
                      />
                      {name === columns[0]?.name && <Others line={line} shown={names} />}
                    </Table.Td>
                  ))
                )}
                <Table.Td valign="top">
                  {line.state === 'open' && lines.length > 1 && (
                    <ActionIcon variant="subtle" color="gray" mt={2} tabIndex={-1} aria-label={t('Skip this one')} onClick={() => setLines((lines) => lines.filter((other) => other.id !== line.id))}>
                      <IconX size={16} />
                    </ActionIcon>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <TextInput
        size="xs"
        maw={360}
        aria-label={t('Paste rows')}
        placeholder={t('Or paste rows here')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => {
          event.preventDefault();
          const last = lines.length - 1;
          const isFree = lines[last] && isEmpty(lines[last], kept) && lines[last].state === 'open';
          paste(event.clipboardData.getData('text/plain'), isFree ? last : last + 1, 0);
          setText('');
        }}
      />
    </Stack>
  );
}

/** A new row has no details of the rows that it names. */
const madeTitle = (kind: Kind, row: Row) => (kind.model === 'stockitem' ? `#${row.pk} × ${String(row.quantity)}` : kind.title(row));

/** What is wrong with a line beside its shown fields. */
function Others({ line, shown }: { line: Line; shown: string[] }) {
  const words = Object.entries(line.errors).filter(([name]) => !shown.includes(name));
  if (words.length === 0) return null;
  return (
    <Text size="xs" c="red">
      {words.map(([name, texts]) => (name ? `${name}: ` : '') + texts.join(' ')).join(' ')}
    </Text>
  );
}

/** What all rows have in common. */
function Given({ kind, name, value }: { kind: Kind; name: string; value: number }) {
  const { data } = useQuery(metadata(kind.api));
  const field = data?.actions?.POST?.[name];
  return field ? <FieldInput name={name} field={{ ...field, read_only: true, required: false, help_text: '' }} value={value} onChange={() => {}} /> : null;
}

export default function Quick() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const { model, ...others } = useSearch({ strict: false }) as Record<string, string | undefined>;
  const given = Object.fromEntries(Object.entries(others).flatMap(([name, value]) => (name.startsWith('set.') ? [[name.slice(4), Number(value)]] : [])));
  const offered = kinds.filter((kind) => kind.load && may(kind, 'add') && (kind.model in USUAL || kind.isSearched || kind.model === model));
  const chosen = kindOf(model) ?? offered[0];
  return (
    <Stack gap={12} style={{ flex: 1, minHeight: 0 }}>
      <Group gap="md">
        <Title order={1} size="h3">
          {t('Quick entry')}
        </Title>
        <Select
          size="xs"
          w={220}
          aria-label={t('Type of record')}
          allowDeselect={false}
          value={chosen?.model ?? null}
          onChange={(model) => void navigate({ to: '/quick' as never, search: { model } as never })}
          data={offered.map((kind) => ({ value: kind.model, label: t(kind.plural) }))}
        />
      </Group>
      {chosen ? (
        <>
          {Object.entries(given).map(([name, value]) => (
            <Given key={name} kind={chosen} name={name} value={value} />
          ))}
          <Grid key={chosen.model} kind={chosen} given={given} />
        </>
      ) : <Alert color="yellow">{t('You do not have permission to add anything.')}</Alert>}
    </Stack>
  );
}
