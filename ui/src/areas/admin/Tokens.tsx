/** Everybody's API tokens. */
import { Alert, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from '@/app/i18n';
import { useUser } from '@/app/session';
import { TokenTable } from './TokenTable';

export default function Tokens() {
  const { t } = useTranslation();
  const { is_superuser } = useUser();
  return (
    <>
      {is_superuser ? (
        <Text size="sm" c="dimmed" maw={720}>
          {t('Programs sign in with tokens. A token is valid until it expires or until you revoke it here.')}
        </Text>
      ) : (
        <Alert color="yellow" icon={<IconInfoCircle size={18} />} maw={720}>
          {t('You can only view your own tokens. Superusers can view and revoke the tokens of all users.')}
        </Alert>
      )}
      <TokenTable isForAll />
    </>
  );
}
