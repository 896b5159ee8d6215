/** Buttons and menus for actions. */
import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Action } from './description';
import { failed } from './notify';
import { useContext } from './refresh';

export function useRun() {
  const context = useContext();
  return (action: Action, rows: Row[]) => {
    Promise.resolve(action.run(rows, context)).catch(failed);
  };
}

interface Props {
  actions: Action[];
  rows: Row[];
}

export function ActionMenu({ actions, rows, label }: Props & { label?: string }) {
  const { t } = useTranslation();
  const run = useRun();
  if (actions.length === 0) return null;
  const items = actions.map((action) => (
    <Menu.Item
      key={action.name}
      leftSection={<action.icon size={16} />}
      onClick={() => run(action, rows)}
      {...(action.color && { color: action.color })}
    >
      {t(action.label)}
    </Menu.Item>
  ));
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        {label ? (
          <Button variant="default" size="xs" rightSection={<IconDots size={15} />}>
            {label}
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" size={26} aria-label={t('Actions')}>
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
export function ActionBar({ actions, rows, most = 3 }: Props & { most?: number }) {
  const { t } = useTranslation();
  const run = useRun();
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

export function BulkButtons({ actions, rows }: Props) {
  const { t } = useTranslation();
  const run = useRun();
  return (
    <Group gap={6}>
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
