/** Views: filters, sorting and columns of a table under a name, kept for the user. */
import { ActionIcon, Button, Group, Menu, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { usePreference } from '../preference';

interface View {
  name: string;
  search: Record<string, string>;
  columns?: string[] | undefined;
}

interface Props {
  model: string;
  columns: string[] | undefined;
  onColumns: (columns: string[] | undefined) => void;
  /** Without its name, for narrow screens. */
  isSmall?: boolean;
}

const NONE: View[] = [];

export function ViewMenu({ model, columns, onColumns, isSmall = false }: Props) {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as Record<string, string>;
  const navigate = useNavigate();
  const [views, setViews] = usePreference<View[]>(`views.${model}`, NONE);
  const [name, setName] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const save = (event: React.FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    setViews([...views.filter((view) => view.name !== name.trim()), { name: name.trim(), search, columns }]);
    setName('');
    setIsOpen(false);
  };
  return (
    <Menu opened={isOpen} onChange={setIsOpen} position="bottom-start" width={260} trapFocus={false}>
      <Menu.Target>
        {isSmall ? (
          <ActionIcon variant="default" size={30} aria-label={t('Views')} title={t('Views')}>
            <IconBookmark size={16} />
          </ActionIcon>
        ) : (
          <Button variant="default" size="xs" leftSection={<IconBookmark size={15} />}>
            {t('Views')}
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {views.map((view) => (
          <Group key={view.name} gap={0} wrap="nowrap">
            <Menu.Item
              onClick={() => {
                onColumns(view.columns);
                void navigate({ to: '.', search: view.search as never });
              }}
            >
              {view.name}
            </Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('Delete the view {{name}}', { name: view.name })}
              onClick={() => setViews(views.filter((other) => other !== view))}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </Group>
        ))}
        {views.length > 0 && <Menu.Divider />}
        <form onSubmit={save}>
          <Group gap={6} p={6} wrap="nowrap">
            <TextInput
              size="xs"
              placeholder={t('View name')}
              aria-label={t('View name')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
            <Button size="compact-sm" type="submit" disabled={!name.trim()}>
              {t('Save')}
            </Button>
          </Group>
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}
