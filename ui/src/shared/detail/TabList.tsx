/** The tabs of a record's page; those that find no room are in a menu, too. */
import { ActionIcon, Badge, Group, Menu, Tabs } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Tab } from '../description';
import classes from './DetailPage.module.css';

export function TabList({ tabs, row, current }: { tabs: Tab[]; row: Row; current: string | undefined }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const [isFull, setIsFull] = useState(false);
  const names = tabs.map(({ name }) => name).join();
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const measure = () => setIsFull(element.scrollWidth > element.clientWidth + 1);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [names]);
  // of many tabs, the open one is in sight
  useEffect(() => {
    // scrolling answers with a promise in newer browsers, which is no way to end an effect
    void list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  const open = (name: string) => list.current?.querySelector<HTMLElement>(`[data-tab="${name}"]`)?.click();
  return (
    <Group gap={0} wrap="nowrap" align="center">
      <Tabs.List ref={list} className={classes.tabs} data-full={isFull || undefined} flex={1}>
        {tabs.map((entry) => {
          const count = entry.count?.(row);
          return (
            <Tabs.Tab
              key={entry.name}
              value={entry.name}
              data-tab={entry.name}
              leftSection={entry.icon ? <entry.icon size={16} /> : undefined}
              rightSection={count ? <Badge size="xs" variant="default" circle={count < 10}>{count}</Badge> : undefined}
            >
              {t(entry.label)}
            </Tabs.Tab>
          );
        })}
      </Tabs.List>
      {isFull && (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon variant="default" size={30} aria-label={t('All tabs')} title={t('All tabs')}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto' }}>
            {tabs.map((entry) => (
              <Menu.Item key={entry.name} leftSection={entry.icon ? <entry.icon size={15} /> : <span style={{ width: 15 }} />} fw={entry.name === current ? 600 : undefined} onClick={() => open(entry.name)}>
                {t(entry.label)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
