/** Ctrl-K: records of all kinds, pages and actions. */
import { Group, Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { IconLogout, IconMoon, IconPlus, IconSearch, IconSun } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call, type Page } from '@/api/client';
import type { IconType, Kind } from '@/shared/description';
import { openCreate } from '@/shared/actions';
import { useContext } from '@/shared/refresh';
import { hasPicture, Thumbnail } from '@/shared/values';
import { useTranslation } from './i18n';
import { areas, kinds, linkTo, pages, resourceOf } from './registry';
import { searchHandles, searchStore } from './search';
import { lacksFor, useMay, useSignOut, useUser } from './session';

const OF_EACH = 5;

interface Entry {
  id: string;
  label: string;
  description?: string | undefined;
  image?: unknown;
  icon: IconType;
  run: () => void;
}

function useRecords(text: string, searched: Kind[]) {
  const names = searched.map((kind) => kind.model);
  return useQuery({
    queryKey: ['search', text, names],
    queryFn: ({ signal }) =>
      call<Record<string, Page>>('POST', '/api/search/', {
        body: { search: text, ...Object.fromEntries(searched.map((kind) => [kind.model, { limit: OF_EACH, ...kind.query }])) },
        signal,
      }),
    enabled: text.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 20_000,
  });
}

export default function Search() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const user = useUser();
  const context = useContext();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const colorScheme = useComputedColorScheme();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 120);
  const searched = kinds.filter((kind) => kind.isSearched && may(kind, 'view'));
  const { data } = useRecords(search, searched);
  const go = (to: string) => void navigate({ to: to as never });
  const fits = (label: string) => label.toLowerCase().includes(text.trim().toLowerCase());

  const records = text.trim().length > 1 ? searched.flatMap((kind) => {
    const found = data?.[kind.model]?.results ?? [];
    if (found.length === 0) return [];
    const entries = found.map((row): Entry => ({
      id: `${kind.model}-${row.pk}`,
      label: kind.title(row),
      description: kind.subtitle?.(row),
      image: kind.image?.(row),
      icon: kind.icon,
      run: () => go(linkTo(kind, row.pk)),
    }));
    const count = data?.[kind.model]?.count ?? 0;
    if (count > found.length) {
      entries.push({
        id: `${kind.model}-all`,
        label: t('All {{count}} items found', { count }),
        icon: IconSearch,
        run: () => void navigate({ to: `/${kind.path}` as never, search: { q: search } as never }),
      });
    }
    return [{ label: t(kind.plural), entries }];
  }) : [];
  const places: Entry[] = [
    ...kinds.filter((kind) => kind.load && may(kind, 'view')).map((kind) => ({ id: kind.path, label: t(kind.plural), icon: kind.icon, run: () => go(`/${kind.path}`) })),
    ...pages
      .filter((page) => !lacksFor(user, page))
      .map((page) => ({ id: page.path, label: t(page.title), description: page.words, icon: page.icon, run: () => go(`/${page.path}`) })),
  ].filter((entry) => fits(entry.label + (('description' in entry && entry.description) || '')));
  const makes: Entry[] = kinds
    .filter((kind) => kind.load && kind.isSearched && may(kind, 'add'))
    .map((kind) => ({
      id: `new-${kind.path}`,
      label: t('New: {{name}}', { name: t(kind.name) }),
      icon: IconPlus,
      run: () => void resourceOf(kind).then((resource) => openCreate(resource, context)),
    }))
    .filter((entry) => fits(entry.label));
  const commands: Entry[] = [
    ...areas.flatMap((area) => area.commands ?? []).filter(({ role, needs }) => !needs || may(role, needs)),
    { name: 'colors', label: colorScheme === 'dark' ? 'Light colors' : 'Dark colors', icon: colorScheme === 'dark' ? IconSun : IconMoon, words: 'theme mode', run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark') },
    { name: 'sign-out', label: 'Sign out', icon: IconLogout, words: 'log out', run: signOut },
  ]
    .map(({ name, label, words, icon, run }) => ({ id: `command-${name}`, label: t(label), words, icon, run: () => void run() }))
    .filter(({ label, words }) => fits(`${label} ${words ?? ''}`));

  const groups = [
    ...records,
    { label: t('Pages'), entries: places.slice(0, text ? 6 : 8) },
    { label: t('Actions'), entries: [...makes.slice(0, text ? 4 : 3), ...commands.slice(0, text ? 4 : 3)] },
  ].filter((group) => group.entries.length > 0);

  return (
    <Spotlight.Root store={searchStore} query={text} onQueryChange={setText} shortcut={null} scrollable maxHeight="60vh" clearQueryOnClose>
      <Spotlight.Search
        // the first entry is meant as long as none is chosen
        onKeyDown={(event) => {
          const first = groups[0]?.entries[0];
          if (event.key !== 'Enter' || !first || document.querySelector('.mantine-Spotlight-action[data-selected]')) return;
          event.preventDefault();
          searchHandles.close();
          first.run();
        }}
        placeholder={t('Search parts, stock, orders, and pages')} leftSection={<IconSearch size={18} />} />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.label} label={group.label}>
            {group.entries.map((entry) => (
              <Spotlight.Action key={entry.id} onClick={entry.run} py={6}>
                <Group gap="sm" wrap="nowrap" w="100%">
                  {hasPicture(entry.image) ? <Thumbnail src={entry.image} size={26} /> : <entry.icon size={18} stroke={1.5} />}
                  <div style={{ minWidth: 0 }}>
                    <Text size="sm" truncate>
                      {entry.label}
                    </Text>
                    {entry.description && (
                      <Text size="xs" c="dimmed" truncate>
                        {entry.description}
                      </Text>
                    )}
                  </div>
                </Group>
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>{t('Nothing found')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
