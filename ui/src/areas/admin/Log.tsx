/** The log of all changes, with who made them. */
import { Autocomplete, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { kinds } from '@/app/registry';
import { ChangeLog } from '@/shared/detail/ChangeLog';
import { tableOf } from '@/shared/detail/changes';
import { readRows } from '@/shared/resource';

const AGES: Record<string, string> = { '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' };

const MOST_USERS = 250;

export default function Log() {
  const { t } = useTranslation();
  const { data: users } = useQuery(readRows('/api/user/', { limit: MOST_USERS }));
  const names = users?.results.map((user) => String(user.username)) ?? [];
  const [table, setTable] = useState<string | null>(null);
  const [user, setUser] = useState('');
  const [typed, setTyped] = useState('');
  const [since, setSince] = useState<string | null>(null);
  const tables = kinds.flatMap((kind) => (tableOf(kind) && kind.load ? [{ value: tableOf(kind)!, label: t(kind.name) }] : []));
  const unique = [...new Map(tables.map((entry) => [entry.value, entry])).values()].sort((a, b) => a.label.localeCompare(b.label));
  const filters = (
    <>
      <Select size="xs" w={220} searchable clearable placeholder={t('All types of records')} aria-label={t('Record type')} data={unique} value={table} onChange={setTable} />
      <Autocomplete
        size="xs"
        w={150}
        placeholder={t('All users')}
        aria-label={t('User')}
        data={names}
        value={typed}
        onChange={setTyped}
        onOptionSubmit={setUser}
        onBlur={() => setUser(typed.trim())}
        onKeyDown={(event) => event.key === 'Enter' && setUser(typed.trim())}
      />
      <Select
        size="xs"
        w={150}
        clearable
        placeholder={t('Any time')}
        aria-label={t('Time')}
        data={Object.entries(AGES).map(([value, label]) => ({ value, label: t(label) }))}
        value={since}
        onChange={setSince}
      />
    </>
  );
  return <ChangeLog query={{ table: table ?? undefined, user: user || undefined, since: since ?? undefined }} hasSubjects filters={filters} />;
}
