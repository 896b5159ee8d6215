/** The signed-in user's own API tokens. */
import { Anchor, Text } from '@mantine/core';
import { at } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { TokenTable } from '../admin/TokenTable';

export default function OwnTokens() {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm" c="dimmed" maw={720} mb="sm">
        {t('A token lets a program work in your name, with your rights, without your password. Make one for each program, so that each can be invalidated by itself.')}{' '}
        <Anchor href={at('/api-doc/')} size="sm" underline="always">
          {t('How programs use it')}
        </Anchor>
      </Text>
      <TokenTable />
    </>
  );
}
