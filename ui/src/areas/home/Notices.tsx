/** Notifications that were not read yet. */
import { Anchor, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from '@/app/i18n';
import { placeOf, unreadQuery } from '@/areas/account/notices';
import { dateTime } from '@/shared/format';
import classes from './Home.module.css';

export default function Notices() {
  const { t } = useTranslation();
  const { data } = useQuery(unreadQuery);
  if (!data) return <Skeleton height={120} />;
  if (data.results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('No unread notifications.')}
      </Text>
    );
  }
  return (
    <ul className={`${classes.rows} ${classes.tall}`}>
      {data.results.map((notice) => (
        <li key={notice.pk}>
          <span className={classes.main}>
            <Anchor component={Link} to={(placeOf(notice) ?? '/notifications') as never} size="sm">
              {notice.name}
            </Anchor>
            <Text span size="sm" ml={8}>
              {notice.message}
            </Text>
          </span>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {dateTime(notice.creation)}
          </Text>
        </li>
      ))}
    </ul>
  );
}
