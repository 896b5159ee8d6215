/** Whether this device shows nothing but shop floor mode. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconLayoutGrid, IconLock, IconLogout } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { translate, useTranslation } from '@/app/i18n';
import { keepOn, useOnlyPage } from '@/app/onlyPage';
import { useSignOut } from '@/app/session';
import { confirm } from '@/shared/confirm';

export function Device() {
  const { t } = useTranslation();
  const only = useOnlyPage();
  const signOut = useSignOut();
  const navigate = useNavigate();
  const keep = () =>
    confirm({
      title: translate('Keep this device in shop floor mode'),
      text: translate('This device then shows no other page. To leave, sign out and sign in again.'),
      submit: translate('Keep'),
      color: '',
      run: async () => keepOn('shop'),
    });
  const leave = () =>
    confirm({
      title: translate('Leave shop floor mode'),
      text: translate('You are signed out. Whoever signs in next sees all pages that they may see.'),
      submit: translate('Sign out'),
      run: async () => {
        await signOut();
        keepOn(null);
      },
    });
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={44} radius="lg" aria-label={t('This device')}>
          <IconDots size={24} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {only === null ? (
          <>
            <Menu.Item leftSection={<IconLayoutGrid size={18} />} onClick={() => void navigate({ to: '/' })}>
              {t('All pages')}
            </Menu.Item>
            <Menu.Item leftSection={<IconLock size={18} />} onClick={keep}>
              {t('Keep this device in shop floor mode')}
            </Menu.Item>
          </>
        ) : (
          <Menu.Item leftSection={<IconLogout size={18} />} onClick={leave}>
            {t('Leave shop floor mode')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
