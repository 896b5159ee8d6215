/** The rows of a file as a grid: what is wrong is corrected here, what is right becomes a record. */
import { Alert, Button, Group, Pagination, Progress, SegmentedControl, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Query, page, patch, post, remove } from '@/api/client';
import type { Field } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { confirm } from '@/shared/confirm';
import { FieldInput } from '@/shared/form/FieldInput';
import { failed } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import classes from './Import.module.css';
import { Names } from './Names';
import { errorOf, type ImportRow, otherErrors, ROWS, type Session, SESSIONS } from './session';

const SIZE = 50;
/** Rows of one request that become records. */
const LOT = 100;

type Shown = 'all' | 'wrong' | 'ready' | 'done';
const FILTERS: Record<Shown, Query> = {
  all: {},
  wrong: { valid: false, complete: false },
  ready: { valid: true, complete: false },
  done: { complete: true },
};

interface CellProps {
  session: Session;
  row: ImportRow;
  name: string;
  field: Field;
  onChange: (value: unknown) => Promise<void>;
}

/** What a cell shows: the text of the file for linked rows, else the value. */
function textOf(session: Session, row: ImportRow, name: string, field: Field, isEdited: boolean): string {
  const value = row.data?.[name] ?? session.field_defaults?.[name];
  if (field.type === 'boolean') return value === undefined || value === null ? '' : value ? '✓' : '–';
  if (field.type === 'choice') return field.choices?.find((choice) => choice.value === value)?.display_name ?? String(value ?? '');
  const column = session.column_mappings.find((mapping) => mapping.field === name)?.column;
  if (field.type === 'related field' && column && !isEdited) return String(row.row_data?.[column] ?? value ?? '');
  if (field.type === 'related field' && value) return `#${String(value)}`;
  return value === undefined || value === null ? '' : String(value);
}

function Cell({ session, row, name, field, onChange }: CellProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [isEdited, setIsEdited] = useState(false);
  const [value, setValue] = useState<unknown>(null);
  const place = useRef<HTMLDivElement>(null);
  const error = errorOf(row, name);
  const text = textOf(session, row, name, field, isEdited);
  const isText = !['related field', 'choice', 'boolean'].includes(field.type);
  useEffect(() => {
    if (isOpen) place.current?.querySelector('input')?.focus();
  }, [isOpen]);
  const send = (value: unknown) => {
    setIsOpen(false);
    setIsEdited(true);
    onChange(value).catch(failed);
  };
  if (isOpen) {
    return (
      <Table.Td p={2} miw={140}>
        <div
          ref={place}
          onBlur={(event) => {
            if (event.currentTarget.contains(event.relatedTarget)) return;
            if (isText && value !== (row.data?.[name] ?? null)) send(value);
            else setTimeout(() => setIsOpen(false), 150);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setIsOpen(false);
            if (event.key === 'Enter' && isText) send(value);
          }}
        >
          <FieldInput isBare name={name} field={{ ...field, read_only: false }} value={value} onChange={(value) => (isText ? setValue(value) : send(value))} />
        </div>
      </Table.Td>
    );
  }
  return (
    <Table.Td className={error ? classes.wrong : undefined}>
      <UnstyledButton
        className={classes.cell}
        disabled={row.complete}
        aria-label={t('Row {{row}}, {{field}}: {{text}}', { field: t(field.label), row: row.row_index + 1, text: text || '–' })}
        onClick={() => {
          const value = row.data?.[name] ?? null;
          // the text of a file that names no row is no key
          setValue(field.type === 'related field' && !/^\d+$/.test(String(value)) ? null : value);
          setIsOpen(true);
        }}
      >
        {text || <span className={classes.empty}>–</span>}
      </UnstyledButton>
      {error && (
        <Text size="xs" className={classes.fault} maw={220}>
          {error}
        </Text>
      )}
    </Table.Td>
  );
}

/** Makes records of all rows that are ready, a lot at a time. */
async function acceptAll(session: number, told: (done: number, total: number) => void): Promise<void> {
  let total = 0;
  let done = 0;
  const tried = new Set<number>();
  for (;;) {
    const { results, count } = await page<ImportRow>(ROWS, { session, ...FILTERS.ready, limit: LOT + tried.size });
    const ids = results.map((row) => row.pk).filter((pk) => !tried.has(pk)).slice(0, LOT);
    total ||= count;
    if (ids.length === 0) return;
    // a row that is refused is not tried twice
    ids.forEach((pk) => tried.add(pk));
    await post(`${SESSIONS}${session}/accept_rows/`, { rows: ids });
    done += ids.length;
    told(done, total);
    const { results: left } = await page<ImportRow>(ROWS, { session, ...FILTERS.ready, limit: tried.size || 1 });
    const waiting = new Set(left.map((row) => row.pk));
    tried.forEach((pk) => !waiting.has(pk) && tried.delete(pk));
  }
}

export function Rows({ session }: { session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = useRefresh();
  const [shown, setShown] = useState<Shown>('all');
  const [at, setAt] = useState(1);
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  const key = ['import', session.pk, 'rows'];
  const { data } = useQuery({
    queryKey: [...key, shown, at],
    queryFn: () => page<ImportRow>(ROWS, { session: session.pk, ...FILTERS[shown], limit: SIZE, offset: (at - 1) * SIZE }),
    placeholderData: keepPreviousData,
  });
  const wrong = useQuery({ queryKey: [...key, 'wrong-count'], queryFn: () => page<ImportRow>(ROWS, { session: session.pk, ...FILTERS.wrong, limit: 1 }) });
  const ready = useQuery({ queryKey: [...key, 'ready-count'], queryFn: () => page<ImportRow>(ROWS, { session: session.pk, ...FILTERS.ready, limit: 1 }) });
  const reread = () => client.invalidateQueries({ queryKey: ['import', session.pk] });

  const rows = data?.results ?? [];
  const mapped = new Set(session.column_mappings.filter((mapping) => mapping.column).map((mapping) => mapping.field));
  const faulty = new Set(rows.flatMap((row) => Object.keys(row.errors ?? {})));
  const fields = Object.entries(session.available_fields).filter(
    ([name, field]) => !(name in (session.field_overrides ?? {})) && (mapped.has(name) || faulty.has(name) || (field.required && field.default === undefined)),
  );
  const names = new Set(fields.map(([name]) => name));

  const change = async (row: ImportRow, name: string, value: unknown) => {
    await patch(`${ROWS}${row.pk}/`, { data: { ...row.data, [name]: value } });
    await reread();
  };
  const accept = async () => {
    setProgress({ done: 0, total: ready.data?.count ?? 0 });
    try {
      await acceptAll(session.pk, (done, total) => setProgress({ done, total }));
    } catch (error) {
      failed(error);
    } finally {
      setProgress(null);
      await refresh();
    }
  };
  const removeWrong = () =>
    confirm({
      title: t('Skip rows'),
      text: t('{{count}} rows with errors will be removed from this import. The file itself is not changed.', { count: wrong.data?.count ?? 0 }),
      submit: t('Skip them'),
      run: async () => {
        for (;;) {
          const { results } = await page<ImportRow>(ROWS, { session: session.pk, ...FILTERS.wrong, limit: LOT });
          if (results.length === 0) break;
          await remove(ROWS, { items: results.map((row) => row.pk) });
        }
        await reread();
      },
    });

  const labels: Record<Shown, string> = {
    all: t('All ({{count}})', { count: session.row_count }),
    wrong: t('With errors ({{count}})', { count: wrong.data?.count ?? 0 }),
    ready: t('Ready ({{count}})', { count: ready.data?.count ?? 0 }),
    done: t('Done ({{count}})', { count: session.completed_row_count }),
  };
  const pages = Math.ceil((data?.count ?? 0) / SIZE);
  const nothingLeft = session.row_count > 0 && wrong.data?.count === 0 && ready.data?.count === 0;
  return (
    <Stack gap="sm" style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between" gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('Rows')}
          value={shown}
          onChange={(value) => {
            setShown(value as Shown);
            setAt(1);
          }}
          data={(Object.keys(labels) as Shown[]).map((value) => ({ value, label: labels[value] }))}
        />
        <Group gap="xs">
          {(wrong.data?.count ?? 0) > 0 && (
            <Button size="xs" variant="default" onClick={removeWrong}>
              {t('Skip rows with errors')}
            </Button>
          )}
          <Button size="xs" leftSection={<IconCheck size={16} />} onClick={() => void accept()} disabled={!ready.data?.count} loading={progress !== null}>
            {t('Accept {{count}} rows', { count: ready.data?.count ?? 0 })}
          </Button>
        </Group>
      </Group>
      {progress && <Progress value={(100 * progress.done) / Math.max(1, progress.total)} animated aria-label={t('Progress')} />}
      <Names session={session} />
      {nothingLeft && <Alert color="green">{t('All rows have been imported.')}</Alert>}
      <div className={classes.grid}>
        <Table fz="sm" verticalSpacing={3} stickyHeader withColumnBorders highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={50}>#</Table.Th>
              {fields.map(([name, field]) => (
                <Table.Th key={name}>
                  {t(field.label)}
                  {field.required && <Text span c="red"> *</Text>}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => {
              const other = otherErrors(row, names);
              return (
                <Table.Tr key={row.pk} opacity={row.complete ? 0.6 : 1}>
                  <Table.Td className={row.valid || row.complete ? undefined : classes.wrong} title={other}>
                    {row.complete ? <IconCheck size={16} color="var(--mantine-color-green-7)" aria-label={t('Done')} /> : row.row_index + 1}
                  </Table.Td>
                  {fields.map(([name, field]) => (
                    <Cell key={name} {...{ session, row, name, field }} onChange={(value) => change(row, name, value)} />
                  ))}
                  {other && (
                    <Table.Td>
                      <Text size="xs" className={classes.fault} maw={320}>
                        {other}
                      </Text>
                    </Table.Td>
                  )}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
        {data && rows.length === 0 && (
          <Text ta="center" c="dimmed" py="lg">
            {t('No matching rows.')}
          </Text>
        )}
      </div>
      {pages > 1 && <Pagination size="sm" total={pages} value={at} onChange={setAt} />}
    </Stack>
  );
}
