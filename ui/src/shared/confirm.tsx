/** Asks before something that cannot be taken back. */
import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { translate } from '@/app/i18n';
import { failed } from './notify';
import { withProgress } from './progress';

interface Confirm {
  title: string;
  text: string;
  submit: string;
  color?: string;
  run: () => Promise<unknown>;
}

export function confirm({ title, text, submit, color = 'red', run }: Confirm): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: submit, cancel: translate('Cancel') },
    confirmProps: { color },
    onConfirm: () => void withProgress(title, run).catch(failed),
  });
}
