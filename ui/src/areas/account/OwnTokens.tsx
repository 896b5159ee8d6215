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
        {t('A token lets a program act on your behalf, with your permissions but without your password. Create one for each program, so that you can revoke them separately.')}{' '}
        <Anchor href={at('/api-doc/')} size="sm" underline="always">
          {t('Name for programs')}
        </Anchor>
      </Text>
      <TokenTable />
    </>
  );
}
