/** What was done with stock last, and by whom. */
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { fullName, type User } from '@/app/session';
import { dateTime } from '@/shared/format';
import { RecordLink } from '@/shared/RecordLink';
import { readRows } from '@/shared/resource';
import classes from './Home.module.css';

const LINES = 8;

export default function Changes() {
  const { t } = useTranslation();
  const { data } = useQuery(readRows('/api/stock/track/', { limit: LINES, ordering: '-date', part_detail: true, user_detail: true }));
  if (!data) return <Skeleton height={LINES * 30} />;
  if (data.results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('No changes yet.')}
      </Text>
    );
  }
  return (
    <ul className={`${classes.rows} ${classes.tall}`}>
      {data.results.map((row) => {
        const part = row.part_detail as (Row & { name?: string }) | null | undefined;
        const person = (row.deltas as { person_detail?: User } | null)?.person_detail;
        const user = row.user_detail as { username?: string } | null | undefined;
        return (
          <li key={row.pk}>
            <span className={classes.main}>
              {row.item ? (
                <RecordLink model="stockitem" pk={row.item as number} tab="history">
                  {part?.name ?? `#${String(row.item)}`}
                </RecordLink>
              ) : (
                <Text span size="sm">
                  {part?.name ?? '–'}
                </Text>
              )}
              <Text span size="sm" ml={8}>
                {t(String(row.label ?? ''))}
              </Text>
            </span>
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {[person ? fullName(person) : user?.username, dateTime(row.date)].filter(Boolean).join(' · ')}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}
