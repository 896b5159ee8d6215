/** Short messages at the edge of the page. */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { translate } from '@/app/i18n';
import { withProgress } from './progress';

export function succeeded(message: string, undo?: () => Promise<unknown>): void {
  const id = notifications.show({
    color: 'green',
    autoClose: undo ? 8000 : 3000,
    message: undo ? (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            withProgress(translate('Undo'), undo).then(() => succeeded(translate('Undone')), failed);
          }}
        >
          {translate('Undo')}
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** It was done, and nothing came of it. */
export const warned = (message: string) => void notifications.show({ color: 'yellow', autoClose: 8000, message });

export function failed(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  notifications.show({ color: 'red', autoClose: 8000, title: translate('Something went wrong'), message });
}
