/** A question mark with a short explanation behind it. */
import { ActionIcon, Popover, Text } from '@mantine/core';
import { IconHelp } from '@tabler/icons-react';
import { useTranslation } from '@/app/i18n';

export function Help({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Popover position="bottom-start" width={340} withArrow shadow="md">
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={26} aria-label={t('What is this?')}>
          <IconHelp size={18} stroke={1.6} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {t(text)}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
