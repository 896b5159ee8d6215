/** Frame of every page: navigation, search, account. */
import {
  ActionIcon,
  Alert,
  AppShell,
  Avatar,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  NavLink,
  ScrollArea,
  Skeleton,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconApi, IconCloudOff, IconHome, IconLanguage, IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { memo, Suspense, useEffect, useState } from 'react';
import { at } from '@/api/client';
import { useLoadStates } from '@/api/states';
import type { IconType } from '@/shared/description';
import { dateTime } from '@/shared/format';
import { lazy } from '@/shared/lazy';
import { languages, useLanguageOf, useTranslation } from './i18n';
import { areas, kinds, pages } from './registry';
import { useSeen } from './offline';
import { openSearch } from './search';
import { idle, warmPages } from './warm';
import { fullName, lacksFor, useChooseLanguage, useMay, useSignOut, useUser } from './session';

const Search = lazy(() => import('./Search'));
const Slots = lazy(() => import('./Slots'));

function NavItem({ to, label, icon: Icon, onClick, isExact }: { to: string; label: string; icon: IconType; onClick: () => void; isExact?: boolean }) {
  // only what becomes active, or ceases to be it, is drawn again
  const isActive = useLocation({ select: ({ pathname }) => pathname === to || (!isExact && pathname.startsWith(`${to}/`)) });
  return (
    <NavLink
      component={Link}
      to={to as never}
      label={label}
      leftSection={<Icon size={18} stroke={1.6} />}
      active={isActive}
      onClick={onClick}
      py={4}
      style={{ borderRadius: 8 }}
      aria-current={isActive ? 'page' : undefined}
    />
  );
}

const Navigation = memo(function Navigation({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const user = useUser();
  return (
    <ScrollArea type="hover" scrollbarSize={6} style={{ flex: 1 }}>
      <NavItem to="/" label={t('Home')} icon={IconHome} onClick={onClick} isExact />
      {areas
        .filter((area) => area.navigation?.length)
        .map((area) => {
          const entries = (area.navigation ?? []).flatMap((path) => {
            const kind = kinds.find((kind) => kind.path === path);
            if (kind) return may(kind, 'view') ? [{ path, label: kind.plural, icon: kind.icon }] : [];
            const page = pages.find((page) => page.path === path);
            return page && !lacksFor(user, page) ? [{ path, label: page.title, icon: page.icon }] : [];
          });
          if (entries.length === 0) return null;
          return (
            <div key={area.name}>
              <Text size="xs" fw={600} c="dimmed" mt={8} mb={0} px={10}>
                {t(area.label)}
              </Text>
              {entries.map((entry) => (
                <NavItem key={entry.path} to={`/${entry.path}`} label={t(entry.label)} icon={entry.icon} onClick={onClick} />
              ))}
            </div>
          );
        })}
    </ScrollArea>
  );
});

/** Closes the navigation of a narrow screen on another page. */
function Closes({ close }: { close: () => void }) {
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return null;
}

function Account() {
  const { t, i18n } = useTranslation();
  const user = useUser();
  const signOut = useSignOut();
  const choose = useChooseLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const profile = pages.find((page) => page.path === 'profile');
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton aria-label={t('Account')}>
          <Avatar size={30} radius="xl" color="ironwood">
            <IconUser size={18} />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{fullName(user)}</Menu.Label>
        {profile && (
          <Menu.Item leftSection={<IconUser size={16} />} component={Link} to={'/profile' as never}>
            {t('Profile')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
          onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? t('Light colors') : t('Dark colors')}
        </Menu.Item>
        <Menu.Sub>
          <Menu.Sub.Target>
            <Menu.Sub.Item leftSection={<IconLanguage size={16} />}>{t('Language')}</Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown>
            {Object.entries(languages).map(([code, name]) => (
              <Menu.Item key={code} fw={i18n.language === code ? 600 : 400} onClick={() => void choose(code).catch(() => {})}>
                {name}
              </Menu.Item>
            ))}
          </Menu.Sub.Dropdown>
        </Menu.Sub>
        <Menu.Item leftSection={<IconApi size={16} />} component="a" href={at('/api-doc/')}>
          {t('API documentation')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t('Sign out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Says that the server cannot be reached, and from when what is shown is. */
function OfflineBar() {
  const { t } = useTranslation();
  const seen = useSeen();
  if (!seen) return null;
  return (
    <Alert color="yellow" py={6} mb={8} role="status" icon={<IconCloudOff size={18} />}>
      {t('The server cannot be reached. You are viewing data from {{time}} and cannot make changes.', { time: dateTime(seen) })}
    </Alert>
  );
}

export function Shell() {
  // from the first moment on, also while the search itself is still on its way; in fields, too
  useHotkeys([['mod+K', openSearch]], []);
  const { t, i18n } = useTranslation();
  useLanguageOf(useUser().profile);
  useLoadStates();
  const client = useQueryClient();
  useEffect(() => warmPages(client), [client]);
  // the page itself comes first
  const [isQuiet, setIsQuiet] = useState(false);
  useEffect(() => void idle().then(() => setIsQuiet(true)), []);
  const [isOpen, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 50 }}
      navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 10, sm: 16 }}
    >
      <AppShell.Header>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('Navigation')} />
            <UnstyledButton component={Link} to={'/' as never} aria-label="Ironwood">
              <Group gap={8} wrap="nowrap">
                <img src={at('icon.svg')} alt="" width={28} height={28} />
                <Text fw={700} visibleFrom="xs">
                  Ironwood
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Button
            variant="default"
            size="xs"
            color="gray"
            leftSection={<IconSearch size={15} />}
            rightSection={<Kbd size="xs">Ctrl K</Kbd>}
            onClick={openSearch}
            visibleFrom="xs"
            w={320}
            justify="space-between"
            c="dimmed"
            fw={400}
          >
            {t('Search everything')}
          </Button>
          {/* as wide from the beginning as with all that comes into it */}
          <Group gap="xs" wrap="nowrap" miw={112} justify="flex-end">
            <ActionIcon hiddenFrom="xs" variant="subtle" color="gray" aria-label={t('Search everything')} onClick={openSearch}>
              <IconSearch size={19} />
            </ActionIcon>
            <Suspense fallback={null}>
              <Slots name="header" />
            </Suspense>
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p={8}>
        <Closes close={close} />
        <Navigation onClick={close} />
      </AppShell.Navbar>
      <AppShell.Main style={{ display: 'flex', flexDirection: 'column', height: '100dvh', minHeight: 0 }}>
        <OfflineBar />
        <Suspense fallback={<Skeleton height={320} />}>
          {/* made anew in another language, with all that is remembered of texts */}
          <Outlet key={i18n.language} />
        </Suspense>
      </AppShell.Main>
      {isQuiet && (
        <Suspense fallback={null}>
          <Search />
        </Suspense>
      )}
      <Suspense fallback={null}>
        <Slots name="everywhere" />
      </Suspense>
    </AppShell>
  );
}

/** The frame of pages that have the whole screen. */
export function BareShell() {
  return (
    <>
      <Suspense fallback={<Skeleton height="100dvh" radius={0} />}>
        <Outlet />
      </Suspense>
      <Suspense fallback={null}>
        <Slots name="everywhere" />
      </Suspense>
    </>
  );
}
