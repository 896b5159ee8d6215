/** Buttons and menus for actions. */
import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import classes from './ActionButtons.module.css';
import type { Action } from './description';
import { failed } from './notify';
import { usePrintable } from './printing/printable';
import { withProgress } from './progress';
import { useContext } from './refresh';
import { hasDialog } from './scan';

export function useRun() {
  const context = useContext();
  return (action: Action, rows: Row[]) => {
    withProgress(translate(action.label), async () => action.run(rows, context)).catch(failed);
  };
}

interface Props {
  actions: Action[];
  rows: Row[];
}

/** Actions that print are there where a template is. */
function useShown(actions: Action[]): Action[] {
  const isPrintable = usePrintable(actions.some((action) => action.prints));
  return actions.filter(({ prints }) => !prints || isPrintable(prints.printing, prints.model));
}

/** Does actions by their keys. */
function useKeys(actions: Action[], rows: Row[], isOff: () => boolean): void {
  const run = useRun();
  useHotkeys(
    actions.flatMap((action): [string, () => void, object][] =>
      action.hotkey ? [[action.hotkey, () => isOff() || run(action, rows), { usePhysicalKeys: true }]] : [],
    ),
    // in fields, too: such keys write nothing
    [],
    true,
  );
}

const Keys = ({ name }: { name: string }) => (
  <Text span size="xs" c="dimmed" ml="md">
    {name.split('+').map((key) => key.charAt(0).toUpperCase() + key.slice(1)).join(' ')}
  </Text>
);

/** The menu of a row. A page has many of them, so only the one that is opened is more than a button. */
export function RowMenu({ actions, rows }: { actions: Action[] | (() => Action[]); rows: Row[] }) {
  const [isUsed, setIsUsed] = useState(false);
  if (isUsed) return <ActionMenu actions={typeof actions === 'function' ? actions() : actions} rows={rows} isOpenAtFirst />;
  if (typeof actions !== 'function' && actions.length === 0) return null;
  return (
    <button type="button" className={classes.dots} aria-label={translate('Actions')} aria-haspopup="menu" aria-expanded={false} onClick={() => setIsUsed(true)}>
      <IconDots size={16} />
    </button>
  );
}

export function ActionMenu({ actions: all, rows, label, isOpenAtFirst = false }: Props & { label?: string; isOpenAtFirst?: boolean }) {
  const { t } = useTranslation();
  const run = useRun();
  const actions = useShown(all);
  const [isOpen, setIsOpen] = useState(false);
  const target = useRef<HTMLButtonElement>(null);
  // opened after it is there, so that the focus comes back to its button
  useEffect(() => {
    if (!isOpenAtFirst) return;
    target.current?.focus();
    setIsOpen(true);
  }, [isOpenAtFirst]);
  if (actions.length === 0) return null;
  const items = actions.map((action) => (
    <Menu.Item
      key={action.name}
      leftSection={<action.icon size={16} />}
      onClick={() => run(action, rows)}
      {...(action.color && { color: action.color })}
      {...(label && action.hotkey && { rightSection: <Keys name={action.hotkey} /> })}
    >
      {t(action.label)}
    </Menu.Item>
  ));
  return (
    <Menu position="bottom-end" withinPortal opened={isOpen} onChange={setIsOpen} returnFocus>
      <Menu.Target>
        {label ? (
          <Button variant="default" size="xs" rightSection={<IconDots size={15} />}>
            {label}
          </Button>
        ) : (
          <ActionIcon ref={target} variant="subtle" color="gray" size={26} aria-label={t('Actions')}>
            <IconDots size={16} />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto' }}>
        {items}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The main actions as buttons, the others in a menu. */
export function ActionBar({ actions: all, rows, most = 3 }: Props & { most?: number }) {
  const { t } = useTranslation();
  const run = useRun();
  const actions = useShown(all);
  // rows that are chosen in a table of the page go first
  useKeys(actions, rows, () => hasDialog() || document.querySelector('[data-chosen]') !== null);
  const main = actions.filter((action) => action.isMain).slice(0, most);
  const others = actions.filter((action) => !main.includes(action));
  return (
    <Group gap={8}>
      {main.map((action, index) => (
        <Button
          key={action.name}
          size="xs"
          variant={index === 0 ? 'filled' : 'default'}
          leftSection={<action.icon size={16} />}
          onClick={() => run(action, rows)}
        >
          {t(action.label)}
        </Button>
      ))}
      <ActionMenu actions={others} rows={rows} label={t('Actions')} />
    </Group>
  );
}

export function BulkButtons({ actions: all, rows }: Props) {
  const { t } = useTranslation();
  const run = useRun();
  const actions = useShown(all);
  useKeys(actions, rows, hasDialog);
  return (
    <Group gap={6} data-chosen={rows.length > 0 || undefined}>
      {actions.map((action) => (
        <Button
          key={action.name}
          size="compact-sm"
          variant="light"
          leftSection={<action.icon size={15} />}
          onClick={() => run(action, rows)}
          {...(action.color && { color: action.color })}
        >
          {t(action.label)}
        </Button>
      ))}
    </Group>
  );
}
