/** The bell: what is new, beside the account. */
import { ActionIcon, Anchor, Button, Group, Indicator, Popover, ScrollArea, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { patch, post } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { dateTime } from '@/shared/format';
import { failed } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { type Notice, NOTICES, placeOf, unreadQuery } from './notices';

export default function Bell() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const { data } = useQuery(unreadQuery);
  const [isOpen, { toggle, close }] = useDisclosure();
  const count = data?.count ?? 0;
  const open = (notice: Notice) => {
    close();
    patch(`${NOTICES}${notice.pk}/`, { read: true }).then(refresh, failed);
    void navigate({ to: (placeOf(notice) ?? '/notifications') as never });
  };
  return (
    <Popover opened={isOpen} onChange={toggle} onDismiss={close} position="bottom-end" width={340} shadow="md" trapFocus>
      <Indicator disabled={count === 0} label={count > 99 ? '99+' : count} size={16} offset={4} color="red">
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={toggle}
            aria-label={count > 0 ? t('Notifications, {{count}} unread', { count }) : t('Notifications')}
          >
            <IconBell size={19} stroke={1.6} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <Group justify="space-between" px="sm" py={8}>
          <Text fw={600} size="sm">
            {t('Notifications')}
          </Text>
          {count > 0 && (
            <Button size="compact-xs" variant="subtle" onClick={() => void post(`${NOTICES}readall/`).then(refresh, failed)}>
              {t('Mark all as read')}
            </Button>
          )}
        </Group>
        <ScrollArea.Autosize mah={360} type="auto">
          {(data?.results ?? []).map((notice) => (
            <UnstyledButton key={notice.pk} w="100%" px="sm" py={8} onClick={() => open(notice)} style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}>
              <Stack gap={2}>
                <Text size="sm" fw={500} lineClamp={1}>
                  {t(notice.name)}
                </Text>
                <Text size="xs" c="dimmed" lineClamp={2}>
                  {notice.message}
                </Text>
                <Text size="xs" c="dimmed">
                  {dateTime(notice.creation)}
                </Text>
              </Stack>
            </UnstyledButton>
          ))}
          {count === 0 && (
            <Text size="sm" c="dimmed" ta="center" py="lg">
              {t('No news.')}
            </Text>
          )}
        </ScrollArea.Autosize>
        <Group justify="center" py={8} style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}>
          <Anchor component={Link} to={'/notifications' as never} size="sm" onClick={close}>
            {t('All notifications')}
          </Anchor>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
