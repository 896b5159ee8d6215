/** Who changed what and when, as the server has recorded it: of one record, or of all. */
import { Badge, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { Query } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import type { Kind } from '../description';
import { dateTime, humanize, quantity } from '../format';
import { KIND_OF_NAME } from '../names';
import { RecordLink } from '../RecordLink';
import { useFields } from '../resource';
import { Rows, type RowsColumn } from '../table/Rows';
import { Named, StateBadge } from '../values';
import { CHANGES, type Change, type Entry, kindOfTable, shownChanges, tableName, tableOf } from './changes';
import { columnLabel } from './columns';

const ACTIONS: Record<string, { label: string; color: string }> = {
  add: { label: 'Created', color: 'green' },
  change: { label: 'Changed', color: 'blue' },
  delete: { label: 'Deleted', color: 'red' },
  import: { label: 'Imported', color: 'grape' },
};

const SOURCES: Record<string, string> = {
  job: 'Background job',
  command: 'Command line',
  migration: 'Database migration',
  server: 'Server',
  outside: 'Another program',
};

/** Columns of an entry that are shown before the others are asked for. */
const FEW = 4;

function Value({ kind, column, value }: { kind: Kind | undefined; column: string; value: unknown }) {
  const { t } = useTranslation();
  const name = column.replace(/_id$/, '');
  const fields = useFields(kind?.api ?? '', kind !== undefined);
  if (value === null || value === undefined || value === '') return <Text span size="sm" c="dimmed">–</Text>;
  const linked = kindOf(kind && fields[name] ? fields[name].model : KIND_OF_NAME[name]);
  if (linked && typeof value === 'number') {
    return (
      <RecordLink model={linked.model} pk={value}>
        <Named kind={linked} pk={value} />
      </RecordLink>
    );
  }
  if (name === 'status' && kind?.states) return <StateBadge states={kind.states} value={value} />;
  if (typeof value === 'boolean') return <>{value ? t('Yes') : t('No')}</>;
  if (typeof value === 'number') return <>{quantity(value)}</>;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return <>{dateTime(text)}</>;
  // exact numbers come as texts with all their digits
  if (/^-?\d+\.\d+$/.test(text)) return <>{quantity(text)}</>;
  return (
    <Text span size="sm" lineClamp={2} title={text.length > 60 ? text : undefined}>
      {text}
    </Text>
  );
}

function ChangeLine({ kind, action, change }: { kind: Kind | undefined; action: string; change: Change }) {
  const { t } = useTranslation();
  const shown = (value: unknown) => (
    <span>
      <Value kind={kind} column={change.column} value={value} />
    </span>
  );
  const name = change.column.replace(/_id$/, '');
  const fields = useFields(kind?.api ?? '', kind !== undefined);
  return (
    <Group gap={6} wrap="nowrap" align="baseline">
      <Text span size="sm" c="dimmed" style={{ flex: 'none' }}>
        {t(columnLabel(change.column) ?? fields[name]?.label ?? humanize(name))}
      </Text>
      {change.secret ? (
        <Text span size="sm" fs="italic">{t('secret')}</Text>
      ) : (
        <Group gap={6} wrap="wrap" align="baseline" fz="sm" miw={0}>
          {action !== 'add' && action !== 'import' && shown(change.before)}
          {action === 'change' && <span aria-label={t('changed to')} role="img">→</span>}
          {action !== 'delete' && shown(change.after)}
        </Group>
      )}
    </Group>
  );
}

function Lines({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const [isWhole, setIsWhole] = useState(false);
  const kind = kindOfTable(entry.table);
  const all = shownChanges(entry);
  const shown = isWhole ? all : all.slice(0, FEW);
  return (
    <Stack gap={2}>
      {shown.map((change) => (
        <ChangeLine key={change.column} kind={kind} action={entry.action} change={change} />
      ))}
      {all.length > shown.length && (
        <UnstyledButton fz="xs" c="dimmed" mih={24} onClick={() => setIsWhole(true)}>
          {t('{{count}} more', { count: all.length - shown.length })}
        </UnstyledButton>
      )}
    </Stack>
  );
}

function Who({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const how = [entry.sign_in, entry.address].filter(Boolean).join(' · ');
  return (
    <>
      <Text size="sm">{entry.username ?? t(SOURCES[entry.kind] ?? 'Server')}</Text>
      {(how || entry.task) && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {entry.task ?? how}
        </Text>
      )}
    </>
  );
}

function Subject({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const kind = kindOfTable(entry.table);
  const name = kind ? t(kind.name) : t(tableName(entry.table));
  const text = entry.key ? `${name} #${entry.key}` : name;
  return kind && entry.key && entry.action !== 'delete' ? <RecordLink model={kind.model} pk={entry.key}>{text}</RecordLink> : <>{text}</>;
}

const TIME: RowsColumn<Entry> = { label: 'Time', width: 180, render: (entry) => <span style={{ whiteSpace: 'nowrap' }}>{dateTime(entry.time)}</span> };
const USER: RowsColumn<Entry> = { label: 'User', width: 160, render: (entry) => <Who entry={entry} /> };
const LINES: RowsColumn<Entry> = { label: 'Changes', render: (entry) => <Lines entry={entry} /> };

function Action({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const action = ACTIONS[entry.action] ?? { label: entry.action, color: 'gray' };
  return (
    <Badge color={action.color} variant="light" size="sm" radius="sm" tt="none">
      {t(action.label)}
    </Badge>
  );
}
const ACTION: RowsColumn<Entry> = { label: 'Action', width: 96, render: (entry) => <Action entry={entry} /> };
const SUBJECT: RowsColumn<Entry> = { label: 'Record', width: 170, render: (entry) => <Subject entry={entry} /> };

interface Props {
  query: Query;
  /** Names the record of each entry: not of one record only. */
  hasSubjects?: boolean;
  filters?: React.ReactNode;
}

export function ChangeLog({ query, hasSubjects = false, filters }: Props) {
  return (
    <Rows<Entry>
      label="Change log"
      api={CHANGES}
      query={query}
      keyOf={(entry) => entry.pk}
      columns={hasSubjects ? [TIME, USER, ACTION, SUBJECT, LINES] : [TIME, USER, ACTION, LINES]}
      filters={filters}
      isTall
      empty="No changes have been recorded."
    />
  );
}

/** The log of one record. */
export default function RecordLog({ kind, pk }: { kind: Kind; pk: number }) {
  return <ChangeLog query={{ table: tableOf(kind), key: pk }} />;
}
